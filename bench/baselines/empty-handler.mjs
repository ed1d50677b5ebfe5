/** Baseline "empty handler": what a streaming function costs that does nothing at all. */
export const handler = awslambda.streamifyResponse(async (_event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} });
  out.write('ok');
  out.end();
});
