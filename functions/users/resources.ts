/** The API's resources and their methods: what CDK deploys and the local stack emulates. */
export const usersResources = [
  { path: '/demo/users', methods: ['GET', 'POST', 'DELETE'] },
  { path: '/demo/users/{userId}', methods: ['GET', 'PATCH', 'DELETE'] },
] as const;
