/** The attributes of `forward-auth`: APISIX's, and `authorization.iam` and `cache`, which are ours. */
import * as v from 'valibot';
import { headerName, integer } from '../../../documents/attributes.ts';
import { headerValue, recordOf, strictObject } from '../../../documents/schema.ts';
import { isOpenTo } from '../../../http/header-names.ts';
import { iamSchema } from '../../../upstream/iam.ts';
import { isCombination } from '../../variables.ts';

const headerNames = v.optional(v.array(headerName), []);
/** Headers that frame, address or sign a request cannot be set by a document. */
const toldName = v.pipe(
  headerName,
  v.check(
    (name) => isOpenTo('authorizer', name),
    'a header name, not that of framing, host or a signature',
  ),
);

/** Schema of `forward-auth`'s settings. Sizes are in bytes, `timeout` in ms, `cache.ttl` in seconds. */
export const forwardAuthSchema = strictObject({
  uri: v.string(),
  ssl_verify: v.optional(v.boolean(), true),
  request_method: v.optional(v.picklist(['GET', 'POST'], 'GET or POST'), 'GET'),
  max_req_body_size: v.optional(integer(1, 67_108_864), 67_108_864),
  request_headers: v.optional(v.array(toldName), []),
  extra_headers: v.optional(
    v.pipe(
      recordOf(
        v.pipe(
          headerValue,
          v.check(
            (text) => !text.includes('$') || isCombination(text),
            'text, or variables that there are, such as $request_method or $http_x_tenant',
          ),
        ),
      ),
      v.transform(Object.entries),
      v.array(v.tuple([toldName, v.string()])),
    ),
    {},
  ),
  upstream_headers: headerNames,
  client_headers: headerNames,
  timeout: v.optional(integer(1, 60_000), 3000),
  keepalive: v.optional(v.boolean(), true),
  keepalive_timeout: v.optional(integer(1000, 900_000), 60_000),
  keepalive_pool: v.optional(integer(1, 1000), 5),
  allow_degradation: v.optional(v.boolean(), false),
  status_on_error: v.optional(integer(200, 599), 403),
  authorization: v.optional(strictObject({ iam: v.optional(iamSchema) }), {}),
  cache: v.optional(
    strictObject({
      ttl: integer(1, 3600),
      key: v.optional(
        v.pipe(v.string(), v.check(isCombination, 'variables such as $http_authorization')),
      ),
    }),
  ),
});

/** Settings of `forward-auth` with defaults filled in. */
export type ForwardAuthConfig = v.InferOutput<typeof forwardAuthSchema>;
