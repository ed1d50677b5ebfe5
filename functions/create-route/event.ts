/** CloudFormation's events, and the routes in their properties. */

/** The members of a custom resource's event that are used. */
export interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** Absent when a resource is created. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: ResourceProperties;
  /** Only in updates. */
  readonly OldResourceProperties?: ResourceProperties;
}

/** Properties as written by `lib/routes/created-routes.ts`. */
export interface ResourceProperties {
  /** Root of the proxy's documents. */
  readonly ParameterPath?: string;
  readonly Routes?: readonly { readonly Id: string; readonly Value: string }[];
  readonly Tags?: readonly Tag[];
  /** The one parameter of a resource of 0.1, which had a resource for each route. */
  readonly Name?: string;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A document and the parameter that holds it. */
export interface Route {
  readonly name: string;
  readonly value: string;
}

/** Reads the documents of a resource. Throws if the properties have another form. */
export function readRoutes({ ParameterPath: root, Routes: routes }: ResourceProperties): Route[] {
  if (root === undefined || routes === undefined) {
    throw new Error('the resource has no ParameterPath or no Routes; expected both');
  }
  return routes.map(({ Id, Value }) => ({ name: `${root}/routes/${Id}`, value: Value }));
}

/** Finds the routes that an update adds or whose documents it changes. Only these are created. */
export function findChanged({ ResourceProperties, OldResourceProperties }: ResourceEvent): Route[] {
  const routes = readRoutes(ResourceProperties);
  if (OldResourceProperties?.Routes === undefined) return routes;
  const before = new Map(readRoutes(OldResourceProperties).map(({ name, value }) => [name, value]));
  return routes.filter(({ name, value }) => before.get(name) !== value);
}
