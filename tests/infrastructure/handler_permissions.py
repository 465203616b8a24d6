"""What CloudFormation asks of whoever deploys, by type of resource."""

from __future__ import annotations

# What CloudFormation's handlers call, as their schemas say (`handlers` in
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html, as
# hashicorp/terraform-provider-awscc keeps them), without what no template here asks for: managed
# policies, keys, objects, log destinations, networks, signed code, a runtime's version.
NEEDED = {
    "AWS::ApiGatewayV2::DomainName": (
        "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT"
    ),
    "AWS::CloudWatch::Alarm": (
        "cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource "
        "cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource"
    ),
    "AWS::CloudWatch::Dashboard": (
        "cloudwatch:DeleteDashboards cloudwatch:GetDashboard cloudwatch:ListTagsForResource "
        "cloudwatch:PutDashboard cloudwatch:TagResource cloudwatch:UntagResource"
    ),
    "AWS::IAM::Role": (
        "iam:CreateRole iam:DeleteRole iam:DeleteRolePolicy iam:GetRole iam:GetRolePolicy "
        "iam:ListAttachedRolePolicies iam:ListRolePolicies iam:PutRolePermissionsBoundary "
        "iam:PutRolePolicy iam:TagRole iam:UntagRole iam:UpdateAssumeRolePolicy iam:UpdateRole "
        "iam:UpdateRoleDescription"
    ),
    "AWS::Lambda::Alias": (
        "codedeploy:CreateDeployment codedeploy:GetDeployment codedeploy:GetDeploymentConfig "
        "codedeploy:GetDeploymentGroup codedeploy:StopDeployment lambda:CreateAlias "
        "lambda:DeleteAlias lambda:DeleteProvisionedConcurrencyConfig lambda:GetAlias "
        "lambda:GetProvisionedConcurrencyConfig lambda:PutProvisionedConcurrencyConfig "
        "lambda:UpdateAlias"
    ),
    "AWS::Lambda::EventSourceMapping": (
        "lambda:CreateEventSourceMapping lambda:DeleteEventSourceMapping "
        "lambda:GetEventSourceMapping lambda:ListTags lambda:TagResource lambda:UntagResource "
        "lambda:UpdateEventSourceMapping"
    ),
    "AWS::Lambda::Function": (
        "iam:PassRole lambda:CreateFunction lambda:DeleteFunction lambda:DeleteFunctionConcurrency "
        "lambda:GetFunction lambda:GetFunctionCodeSigningConfig lambda:GetFunctionRecursionConfig "
        "lambda:GetRuntimeManagementConfig lambda:ListTags lambda:PutFunctionConcurrency "
        "lambda:PutFunctionRecursionConfig lambda:TagResource lambda:UntagResource "
        "lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration"
    ),
    "AWS::Lambda::Version": (
        "lambda:DeleteFunction lambda:GetFunctionConfiguration lambda:GetFunctionScalingConfig "
        "lambda:GetProvisionedConcurrencyConfig lambda:GetRuntimeManagementConfig "
        "lambda:ListVersionsByFunction lambda:PublishVersion"
    ),
    "AWS::Logs::LogGroup": (
        "logs:CreateLogDelivery logs:CreateLogGroup logs:DeleteDataProtectionPolicy "
        "logs:DeleteLogGroup logs:DeleteRetentionPolicy logs:DescribeLogGroups "
        "logs:DescribeResourcePolicies logs:GetDataProtectionPolicy logs:ListTagsLogGroup "
        "logs:PutDataProtectionPolicy logs:PutResourcePolicy logs:PutRetentionPolicy "
        "logs:TagLogGroup logs:UntagLogGroup"
    ),
    "AWS::Logs::MetricFilter": (
        "logs:DeleteMetricFilter logs:DescribeMetricFilters logs:PutMetricFilter"
    ),
    "AWS::S3::Bucket": (
        "s3:CreateBucket s3:DeleteBucket s3:DeleteBucketEncryption s3:DeleteBucketLifecycle "
        "s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLogging s3:GetBucketNotification "
        "s3:GetBucketObjectLockConfiguration s3:GetBucketOwnershipControls "
        "s3:GetBucketPublicAccessBlock s3:GetBucketTagging s3:GetBucketVersioning "
        "s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:ListBucket "
        "s3:PutBucketLogging s3:PutBucketNotification s3:PutBucketOwnershipControls "
        "s3:PutBucketPublicAccessBlock s3:PutBucketTagging s3:PutBucketVersioning "
        "s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration"
    ),
    "AWS::SNS::Topic": (
        "sns:CreateTopic sns:DeleteTopic sns:GetDataProtectionPolicy sns:GetTopicAttributes "
        "sns:ListSubscriptionsByTopic sns:ListTagsForResource sns:PutDataProtectionPolicy "
        "sns:SetTopicAttributes sns:TagResource sns:UntagResource"
    ),
    "AWS::SQS::Queue": (
        "sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:GetQueueUrl "
        "sqs:ListQueueTags sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue"
    ),
}
