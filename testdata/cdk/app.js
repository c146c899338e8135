// A shared balancer in one stack, a service in another that imports its listener, a nested stack, and a stage.
// Make cdk.out again:
//   npm install aws-cdk-lib constructs && node app.js cdk.out
//   rm -r cdk.out/tree.json cdk.out/*.metadata.json cdk.out/*/*.metadata.json cdk.out/validation-report.json
// and leave only what is about stacks, assets and assemblies in both manifests.
const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const elbv2 = require('aws-cdk-lib/aws-elasticloadbalancingv2');
const targets = require('aws-cdk-lib/aws-elasticloadbalancingv2-targets');
const lambda = require('aws-cdk-lib/aws-lambda');

// What `cdk synth` sets.
const context = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };
const app = new cdk.App({ analyticsReporting: false, outdir: process.argv[2], context });
const env = { account: '111122223333', region: 'eu-central-1' };

const edge = new cdk.Stack(app, 'Edge', { env, stackName: 'shop-edge' });
const vpc = new ec2.Vpc(edge, 'Vpc', { availabilityZones: ['eu-central-1a', 'eu-central-1b'], natGateways: 0,
  subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC }] });
const front = new elbv2.ApplicationLoadBalancer(edge, 'Front', { vpc, internetFacing: true, idleTimeout: cdk.Duration.seconds(30) });
const listener = front.addListener('Http', { port: 80, open: true,
  defaultAction: elbv2.ListenerAction.fixedResponse(404) });

const service = new cdk.Stack(app, 'Service', { env, stackName: 'shop-service' });
const orders = new lambda.Function(service, 'Orders', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({statusCode: 200});'), timeout: cdk.Duration.seconds(60) });
const group = new elbv2.ApplicationTargetGroup(service, 'OrdersGroup', { targets: [new targets.LambdaTarget(orders)],
  healthCheck: { enabled: true, healthyHttpCodes: '200-499' } });
new elbv2.ApplicationListenerRule(service, 'OrdersRule', { listener, priority: 10,
  conditions: [elbv2.ListenerCondition.pathPatterns(['/orders/*'])],
  action: elbv2.ListenerAction.forward([group]) });

class Reports extends cdk.NestedStack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const reports = new lambda.Function(this, 'Reports', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => ({statusCode: 200});'), timeout: cdk.Duration.seconds(10) });
    const group = new elbv2.ApplicationTargetGroup(this, 'Group', { targets: [new targets.LambdaTarget(reports)] });
    new elbv2.ApplicationListenerRule(this, 'Rule', { listener, priority: 20,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/reports/*'])],
      action: elbv2.ListenerAction.forward([group]) });
  }
}
new Reports(service, 'Reports');

const stage = new cdk.Stage(app, 'Test');
const lone = new cdk.Stack(stage, 'Lone');
const inner = ec2.Vpc.fromVpcAttributes(lone, 'Vpc', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a', 'eu-west-1b'],
  publicSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] });
const one = new elbv2.ApplicationLoadBalancer(lone, 'One', { vpc: inner, idleTimeout: cdk.Duration.seconds(20) });
const slow = new lambda.Function(lone, 'Slow', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({statusCode: 200});'), timeout: cdk.Duration.seconds(10) });
one.addListener('Http', { port: 80 }).addTargets('Slow', { targets: [new targets.LambdaTarget(slow)] });

app.synth();
