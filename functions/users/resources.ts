/** The API's resources and their methods. CDK deploys them, and the local stack emulates them. */
export const usersResources = [
  { path: '/demo/users', methods: ['GET', 'POST', 'DELETE'] },
  { path: '/demo/users/{userId}', methods: ['GET', 'PATCH', 'DELETE'] },
] as const;
