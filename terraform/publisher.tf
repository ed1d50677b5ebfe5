resource "aws_cloudwatch_log_group" "publisher" {
  count = var.snapshot ? 1 : 0

  name              = "/aws/lambda/${var.name}-publisher"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_iam_role" "publisher" {
  count = var.snapshot ? 1 : 0

  name               = "${var.name}-publisher"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
  tags               = var.tags
}

data "aws_iam_policy_document" "publisher" {
  count = var.snapshot ? 1 : 0

  source_policy_documents = [data.aws_iam_policy_document.read_documents.json]

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.publisher[0].arn}:*"]
  }

  statement {
    sid       = "UseSnapshot"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.snapshot[0].arn}/${local.object_key}"]
  }

  statement {
    sid       = "TellMissingSnapshot"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.snapshot[0].arn]

    condition {
      test     = "StringEqualsIfExists"
      variable = "s3:prefix"
      values   = [local.object_key]
    }
  }

  statement {
    sid       = "UseSnapshotKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.snapshot[0].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:countersign:root"
      values   = [var.parameter_path]
    }
  }

  statement {
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.changes[0].arn]
  }

  dynamic "statement" {
    for_each = var.topic_arn == null ? [] : [1]

    content {
      actions   = ["sns:Publish"]
      resources = [var.topic_arn]
    }
  }
}

resource "aws_iam_role_policy" "publisher" {
  count = var.snapshot ? 1 : 0

  name   = "publisher"
  role   = aws_iam_role.publisher[0].id
  policy = data.aws_iam_policy_document.publisher[0].json
}

resource "aws_lambda_function" "publisher" {
  count = var.snapshot ? 1 : 0

  function_name    = "${var.name}-publisher"
  description      = "Countersign publisher of ${var.parameter_path}"
  role             = aws_iam_role.publisher[0].arn
  runtime          = var.runtime
  architectures    = ["arm64"]
  handler          = "index.handler"
  filename         = "${local.zips}/publisher.zip"
  source_code_hash = filebase64sha256("${local.zips}/publisher.zip")
  # Enough to compile and compress 10,000 routes.
  memory_size = 1769
  timeout     = 900
  tags        = var.tags

  environment {
    variables = local.publisher_environment
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.publisher[0].name
  }

  depends_on = [aws_iam_role_policy.publisher, aws_s3_bucket_policy.snapshot]
}

# The next event of the schedule replaces a retry.
resource "aws_lambda_function_event_invoke_config" "publisher" {
  count = var.snapshot ? 1 : 0

  function_name          = aws_lambda_function.publisher[0].function_name
  maximum_retry_attempts = 0
  # Lambda's default, which it reports.
  maximum_event_age_in_seconds = 21600
}

# Publishes before the proxy serves requests, and again whenever code or settings change. A failure fails the apply.
resource "aws_lambda_invocation" "publish" {
  count = var.snapshot ? 1 : 0

  function_name = aws_lambda_function.publisher[0].function_name
  input         = jsonencode({ countersign = "deployment" })

  triggers = {
    code     = aws_lambda_function.publisher[0].source_code_hash
    settings = sha256(jsonencode(local.publisher_environment))
  }

  depends_on = [aws_s3_bucket_versioning.snapshot]
}

# A document may contain the proxy's URL, and the proxy waits for the other invocation.
resource "aws_lambda_invocation" "publish_routes" {
  count = var.snapshot && length(var.routes) > 0 ? 1 : 0

  function_name = aws_lambda_function.publisher[0].function_name
  input         = jsonencode({ countersign = "deployment" })

  triggers = {
    routes = sha256(jsonencode(var.routes))
  }

  depends_on = [aws_ssm_parameter.route, aws_lambda_invocation.publish]
}
