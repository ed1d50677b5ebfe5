/** The fields of APISIX's objects besides their plugins and upstreams. */
import type { Resource } from './read.ts';

/** The fields of an object that have a place here. */
export interface ConvertedFields {
  readonly fields: Resource;
  readonly remarks: readonly string[];
  /** Fields whose loss could let requests through that APISIX would refuse, as sentences. */
  readonly lost: readonly string[];
}

/** Fields that decide about requests, and why there are none here. Without them requests could pass that APISIX would refuse. */
const restrictions: Readonly<Record<string, string>> = {
  filter_func: 'there is no Lua here',
  script: 'there is no Lua here',
  script_id: 'there is no Lua here',
};

const otherFields: Readonly<Record<string, string>> = {
  timeout: 'it is the attribute timeout of aws-lambda here, in milliseconds',
  enable_websocket: 'there are no WebSockets behind a function URL',
};

/** A field that the import does not know may be a restriction, too. */
const unknownField = 'there is no such field here';

/** Fields that are read elsewhere, or have no effect. */
const silentFields = [
  ...['id', 'create_time', 'update_time', 'service_protocol', 'username', 'plugins'],
  ...['service_id', 'plugin_config_id', 'group_id', 'upstream', 'upstream_id'],
];

/** @param known names of the fields that are kept as they are */
export function convertFields(written: Resource, known: readonly string[]): ConvertedFields {
  const fields: Record<string, unknown> = {};
  const remarks: string[] = [];
  const lost: string[] = [];
  for (const [name, value] of Object.entries(written)) {
    if (known.includes(name)) fields[name] = value;
    else if (!silentFields.includes(name) && value !== false) {
      const harmless = otherFields[name];
      const reason = harmless ?? restrictions[name] ?? unknownField;
      (harmless === undefined ? lost : remarks).push(`${name} is left out: ${reason}`);
    }
  }
  return { fields, remarks, lost };
}
