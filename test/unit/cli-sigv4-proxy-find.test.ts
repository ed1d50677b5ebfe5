/** Where manifests, Dockerfiles and scripts start aws-sigv4-proxy, and with which flags. */
import { findCommandLines } from '../../cli/sigv4-proxy/find.ts';

const api = 'abc123.execute-api.eu-west-1.amazonaws.com';

const kubernetes = `
kind: Deployment
spec:
  template:
    spec:
      containers:
        - { name: app, image: nginx }
        - name: signer
          image: public.ecr.aws/aws-observability/aws-sigv4-proxy:1.8
          env: [{ name: API, value: ${api} }]
          args: [--host, $(API), --name, execute-api]
---
kind: Service
`;
const compose = `
services:
  signer:
    image: amazon/aws-sigv4-proxy
    command: --host ${api} -s "X Y"
`;
const merged = `
x-signer: &signer { image: amazon/aws-sigv4-proxy, command: --host ${api} --strip x-user }
services: { signer: { <<: *signer } }
`;
const ecs = JSON.stringify({
  containerDefinitions: [
    { name: 'signer', image: 'proxy', entryPoint: ['/aws-sigv4-proxy'], command: ['--host', api] },
  ],
});
const cloudFormation = `
Resources:
  Task:
    Properties:
      ContainerDefinitions:
        - Name: signer
          Image: !Sub '\${Registry}/aws-sigv4-proxy:latest'
          Command: [sh, -c, 'exec ./aws-sigv4-proxy --host ${api}']
`;
const dockerfile = `
FROM golang AS build
RUN go build -o aws-sigv4-proxy .
FROM alpine
COPY --from=build aws-sigv4-proxy /
ENTRYPOINT ["/aws-sigv4-proxy"]
CMD ["--host", \\
     "${api}"]
`;
const onImage = `FROM public.ecr.aws/aws-observability/aws-sigv4-proxy:1.8\nCMD --host ${api} -v\n`;
const script = `#!/bin/sh
docker build -t aws-sigv4-proxy .
# aws-sigv4-proxy --host commented
docker run --rm --name aws-sigv4-proxy -p 8080:8080 \\
  aws-sigv4-proxy:latest -v --host '${api}' > proxy.log
`;
const unit = `[Service]\nExecStart=/usr/bin/aws-sigv4-proxy --host ${api}\n`;

test.each([
  ['a manifest of Kubernetes', kubernetes, 'signer', ['--host', api, '--name', 'execute-api']],
  ['a Compose file', compose, 'signer', ['--host', api, '-s', 'X Y']],
  ['a task definition of ECS', ecs, 'signer', ['--host', api]],
  ['a template of CloudFormation', cloudFormation, 'signer', ['--host', api]],
  ['a Dockerfile with a build', dockerfile, 'aws-sigv4-proxy', ['--host', api]],
  ['a Dockerfile on the image', onImage, 'aws-sigv4-proxy', ['--host', api, '-v']],
  ['a script', script, 'aws-sigv4-proxy', ['-v', '--host', api]],
  ['a unit of systemd', unit, 'aws-sigv4-proxy', ['--host', api]],
])('%s is read', (_, text, name, words) => {
  expect(findCommandLines(text, 'file')).toEqual([{ name, words }]);
});

test('a service of Compose has the flags of the map that it merges', () => {
  expect(findCommandLines(merged, 'file').at(-1)).toEqual({
    name: 'signer',
    words: ['--host', api, '--strip', 'x-user'],
  });
});

test.each([
  'kind: Service\n',
  'a: *missing\n',
  'a: &a [*a]\n',
  'a: &a { x: *a, y: *a }\n',
  'FROM nginx\nCMD ["nginx"]\n',
  'echo hello\n',
  '',
])('%j starts no aws-sigv4-proxy, and is refused', (text) => {
  expect(() => findCommandLines(text, 'file')).toThrow(/file does not start aws-sigv4-proxy/);
});
