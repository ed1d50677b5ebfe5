/** Baseline "empty handler": the cost of a streaming function that only writes two bytes. */
export const handler = awslambda.streamifyResponse(async (_event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} });
  out.write('ok');
  out.end();
});
