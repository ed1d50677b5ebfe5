/** What the plugins that authenticate consumers have in common. */
import * as v from 'valibot';
import type { Exchange, Identified } from '../../chain/exchange.ts';
import { ProxyError } from '../../http/errors.ts';

/** `realm` of a challenge, which is sent in double quotes (RFC 9110 §11.5). */
export const realm = v.pipe(
  v.string(),
  v.regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/, 'printable ASCII without `"` and `\\`'),
);

/** Schema of the `anonymous_consumer` attribute: the user name of a consumer. */
export const anonymousConsumer = v.pipe(v.string(), v.minLength(1, 'the name of a consumer'));

interface AnonymousConfig {
  readonly anonymous_consumer?: string | undefined;
}

/** How `anonymous_consumer` counts: without one, the plugin refuses clients without credentials. */
export const anonymousAccess = {
  refusesClients: ({ anonymous_consumer }: AnonymousConfig) => anonymous_consumer === undefined,
  anonymousConsumer: ({ anonymous_consumer }: AnonymousConfig) => anonymous_consumer,
};

/** Longest credential that is parsed; a longer one is refused unparsed. */
export const maxCredentialCharacters = 8192;

/** What goes on once the client is known: log, upstream and the plugins further in learn the consumer's name. */
export function identify(
  exchange: Exchange,
  { consumer, credentialId }: Pick<Identified<unknown>, 'consumer' | 'credentialId'>,
): Exchange {
  exchange.record.consumer = consumer.username;
  exchange.record.credential = credentialId;
  const identity = new Map(exchange.identity)
    .set('x-consumer-username', consumer.username)
    .set('x-consumer-custom-id', consumer.labels['custom_id'])
    .set('x-credential-identifier', credentialId);
  return { ...exchange, consumer, identity };
}

/**
 * Lets a request without credentials pass as the consumer that the document names. Wrong credentials are still refused.
 *
 * @throws ProxyError `UNAUTHENTICATED`
 */
export function identifyAnonymous(
  exchange: Exchange,
  username: string | undefined,
  refusal: ProxyError,
): Exchange {
  const consumer = username === undefined ? undefined : exchange.consumers.findByName(username);
  if (!consumer) throw refusal;
  return identify(exchange, { consumer });
}

/**
 * @param challenge value of `WWW-Authenticate`, which every 401 carries (RFC 9110 §15.5.2)
 * @param detail a fixed sentence, which the client sees
 */
export function unauthenticated(challenge: string, detail: string): ProxyError {
  const headers = { 'www-authenticate': challenge };
  return new ProxyError('UNAUTHENTICATED', detail, { headers, detail });
}
