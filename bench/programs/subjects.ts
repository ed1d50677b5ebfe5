/** The subjects of request measurements: the direct calls, and built handlers. */
import { callDirectly, type DirectOptions } from './direct-call.ts';
import { createEvent, toBody } from './event.ts';
import { context, loadHandler, ResponseSink } from './lambda.ts';
import { clientHeaders } from './plugin-mix.ts';

export interface HandlerSubject {
  readonly name: string;
  /** Path of the built handler. */
  readonly handler: string;
  /** First segment of the path, which chooses the route: `bytes`, `bytes-3`, `bytes-8`. */
  readonly route: string;
}

export interface SubjectsInput {
  readonly handlers: readonly HandlerSubject[];
  readonly direct: Omit<DirectOptions, 'body' | 'path'>;
  /** Size of the bodies of request and response. */
  readonly bodyBytes: number;
}

export interface Subject {
  readonly name: string;
  /** @throws Error if the response is not the expected one */
  readonly call: () => Promise<void>;
}

/** @returns `direct` and `pass-through` first, then the handlers */
export async function prepareSubjects(input: SubjectsInput): Promise<Subject[]> {
  const { bodyBytes, handlers } = input;
  const direct = { ...input.direct, path: `/bytes/${bodyBytes}`, body: toBody(bodyBytes) };
  const toCall = (send: (sink: ResponseSink) => Promise<void>) => async () => {
    const sink = new ResponseSink();
    await send(sink);
    if (sink.bytes !== bodyBytes) throw new Error(`an answer of ${sink.bytes} bytes`);
  };
  const subjects: Subject[] = [
    { name: 'direct', call: toCall((sink) => callDirectly(direct, sink)) },
    {
      name: 'pass-through',
      call: toCall((sink) => callDirectly({ ...direct, isSigned: false }, sink)),
    },
  ];
  for (const { name, handler: file, route } of handlers) {
    const handler = await loadHandler(file);
    const event = createEvent({
      path: `/${route}/${bodyBytes}`,
      bodyBytes,
      headers: clientHeaders,
    });
    subjects.push({ name, call: toCall((sink) => handler(event, sink, context)) });
  }
  return subjects;
}
