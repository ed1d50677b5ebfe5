/** Which flag to try when an upstream refuses a signature: most often it was made for another service or region. */
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import type { Target } from '../../functions/proxy/upstream/target.ts';

/** AWS's errors for a signature that does not fit; API Gateway answers the third for some of them. */
const refusals =
  /^(InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignatureException)\b/;

/**
 * @param errorType the response's `x-amzn-errortype`
 * @returns a sentence, or undefined if neither service nor region is the likely cause
 */
export function adviseOnScope(
  errorType: string,
  { hostname, endpointService, endpointRegion }: Target,
  { service, region }: SigningScope,
): string | undefined {
  if (!refusals.test(errorType)) return undefined;
  if (endpointService !== undefined && endpointService !== service) {
    return `${hostname} is an endpoint of ${endpointService}: try --service ${endpointService}.`;
  }
  if (endpointRegion !== undefined && endpointRegion !== region) {
    return `${hostname} is in ${endpointRegion}: try --region ${endpointRegion}.`;
  }
  if (endpointService !== undefined) return undefined;
  if (service === 'execute-api') {
    return 'The name of the host does not tell its service. If it is a function URL, try --service lambda.';
  }
  if (service === 'lambda') {
    return 'The name of the host does not tell its service. If it is an API of API Gateway, try --service execute-api.';
  }
  return undefined;
}
