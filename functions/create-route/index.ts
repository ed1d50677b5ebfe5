/**
 * Custom resource of CloudFormation that creates a route document once. What exists is never written again, whoever
 * wrote it, and only what nobody has touched since is deleted. Its role may not overwrite either (`ssm:Overwrite`).
 */
import { createHash } from 'node:crypto';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';

/** What CloudFormation sends, as far as it is used. */
interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** Absent when a resource is created. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: { readonly Name: string; readonly Value: string };
}

const ssm = new SSMClient({});

/** CloudFormation waits an hour for an answer that does not come, so that every outcome is answered. */
export async function handler(event: ResourceEvent): Promise<void> {
  const fallbackId = event.PhysicalResourceId ?? 'not-created';
  try {
    const id = event.RequestType === 'Delete' ? await remove(fallbackId) : await create(event);
    await answer(event, { Status: 'SUCCESS', PhysicalResourceId: id });
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    log('failed', event.ResourceProperties.Name, reason);
    await answer(event, { Status: 'FAILED', PhysicalResourceId: fallbackId, Reason: reason });
  }
}

/** @returns the physical id; a new one tells CloudFormation to delete what the old one stands for */
async function create({ PhysicalResourceId, ResourceProperties }: ResourceEvent): Promise<string> {
  const { Name, Value } = ResourceProperties;
  const id = toPhysicalId(Name, Value);
  try {
    await ssm.send(
      new PutParameterCommand({
        Name,
        Value,
        Description: 'Countersign route: created once by its stack, edited here',
        Type: 'String',
        Overwrite: false,
        // An advanced parameter cannot become a standard one again; this tier lets a document grow later.
        Tier: 'Intelligent-Tiering',
      }),
    );
    log('created', Name);
    return id;
  } catch (error) {
    if (!(error instanceof ParameterAlreadyExists)) throw error;
    log('kept as it is', Name);
    return PhysicalResourceId?.startsWith(`${Name}#`) ? PhysicalResourceId : id;
  }
}

async function remove(id: string): Promise<string> {
  const [name = ''] = id.split('#');
  if (!name.startsWith('/')) return id;
  try {
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    const isUntouched =
      Parameter?.Version === 1 && toPhysicalId(name, Parameter.Value ?? '') === id;
    if (isUntouched) await ssm.send(new DeleteParameterCommand({ Name: name }));
    log(isUntouched ? 'deleted' : 'left: it was edited, or is not of this stack', name);
  } catch (error) {
    if (!isOutOfReach(error)) throw error;
    log('left', name, error.name);
  }
  return id;
}

/** Gone already; or below a parameter path that the stack has given up, and its role with it. */
function isOutOfReach(error: unknown): error is Error {
  if (error instanceof ParameterNotFound) return true;
  return error instanceof Error && error.name === 'AccessDeniedException';
}

/** The name, and what was first written there. */
function toPhysicalId(name: string, value: string): string {
  return `${name}#${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}

interface Outcome {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

async function answer(event: ResourceEvent, outcome: Outcome): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({ ...outcome, StackId, RequestId, LogicalResourceId });
  // Bytes, because fetch gives texts a content type, and the URL is signed for none.
  const response = await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(body) });
  if (!response.ok) throw new Error(`CloudFormation answered ${response.status}`);
}

/** Neither the document nor the answer's URL: the one may hold secrets, the other is one. */
function log(outcome: string, parameter: string, reason?: string): void {
  process.stdout.write(`${JSON.stringify({ message: `route ${outcome}`, parameter, reason })}\n`);
}
