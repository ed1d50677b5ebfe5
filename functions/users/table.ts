/**
 * Where users are kept. One item collection (one value of the partition key) holds them all, sorted by a user id that
 * begins with the time of creation:
 *
 * | access                | operation                                                         |
 * |-----------------------|-------------------------------------------------------------------|
 * | list, a page at a time | Query on the partition key, ExclusiveStartKey from the cursor     |
 * | read one              | GetItem                                                           |
 * | create                | PutItem if the key is not there                                   |
 * | change                | UpdateItem if the key is there, and at the version asked for      |
 * | delete one            | DeleteItem under the same conditions                              |
 * | delete all            | Query for keys, BatchWriteItem of 25                              |
 *
 * Nothing scans. DynamoDB serves about 1,000 writes and 3,000 reads a second from one partition key value: enough for a
 * demo. An application has a natural one (a tenant, say), or spreads users over several and queries each.
 */
export const usersTable = {
  partitionKey: 'directory',
  sortKey: 'userId',
  /** The only value of the partition key. */
  directory: 'demo',
} as const;
