resource "aws_cloudwatch_log_group" "proxy" {
  name              = "/aws/lambda/${var.name}-proxy"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_iam_role" "proxy" {
  name               = "${var.name}-proxy"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
  tags               = var.tags
}

data "aws_iam_policy_document" "proxy" {
  source_policy_documents = var.snapshot ? [] : [data.aws_iam_policy_document.read_documents.json]

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.proxy.arn}:*"]
  }

  dynamic "statement" {
    for_each = var.snapshot ? [1] : []

    content {
      sid       = "UseSnapshot"
      actions   = ["s3:GetObject"]
      resources = ["${aws_s3_bucket.snapshot[0].arn}/${local.object_key}"]
    }
  }

  dynamic "statement" {
    for_each = var.snapshot ? [1] : []

    content {
      # Without it S3 answers 403, not 404, if there is no object.
      sid       = "TellMissingSnapshot"
      actions   = ["s3:ListBucket"]
      resources = [aws_s3_bucket.snapshot[0].arn]

      condition {
        test     = "StringEqualsIfExists"
        variable = "s3:prefix"
        values   = [local.object_key]
      }
    }
  }

  dynamic "statement" {
    for_each = var.snapshot ? [1] : []

    content {
      sid       = "UseSnapshotKey"
      actions   = ["kms:Decrypt"]
      resources = [aws_kms_key.snapshot[0].arn]

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:countersign:root"
        values   = [var.parameter_path]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.upstream_function_arns) > 0 ? [1] : []

    content {
      actions   = ["lambda:InvokeFunctionUrl"]
      resources = var.upstream_function_arns

      condition {
        test     = "StringEquals"
        variable = "lambda:FunctionUrlAuthType"
        values   = ["AWS_IAM"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.upstream_function_arns) > 0 ? [1] : []

    content {
      # Only through the URL: the proxy cannot call the function by the Invoke API.
      actions   = ["lambda:InvokeFunction"]
      resources = var.upstream_function_arns

      condition {
        test     = "Bool"
        variable = "lambda:InvokedViaFunctionUrl"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.upstream_api_arns) > 0 ? [1] : []

    content {
      actions   = ["execute-api:Invoke"]
      resources = var.upstream_api_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.assumable_role_arns) > 0 ? [1] : []

    content {
      sid       = "AssumeRoles"
      actions   = ["sts:AssumeRole"]
      resources = var.assumable_role_arns
    }
  }

  dynamic "statement" {
    for_each = var.rate_limit_table ? [1] : []

    content {
      sid       = "CountRequests"
      actions   = ["dynamodb:UpdateItem"]
      resources = [aws_dynamodb_table.rate_limits[0].arn]
    }
  }
}

resource "aws_iam_role_policy" "proxy" {
  name   = "proxy"
  role   = aws_iam_role.proxy.id
  policy = data.aws_iam_policy_document.proxy.json
}

resource "aws_lambda_function" "proxy" {
  function_name                  = "${var.name}-proxy"
  description                    = "Countersign signing proxy, routes in ${var.parameter_path}"
  role                           = aws_iam_role.proxy.arn
  runtime                        = var.runtime
  architectures                  = ["arm64"]
  handler                        = "index.handler"
  filename                       = "${local.zips}/proxy.zip"
  source_code_hash               = filebase64sha256("${local.zips}/proxy.zip")
  memory_size                    = var.memory_size
  timeout                        = 300
  reserved_concurrent_executions = var.reserved_concurrency
  tags                           = var.tags

  environment {
    variables = local.environment
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.proxy.name
  }

  # The function must not serve requests before there is a snapshot for its code and settings.
  depends_on = [
    aws_iam_role_policy.proxy,
    aws_lambda_invocation.publish,
  ]
}

# The provider gives a public URL both permissions that Lambda requires.
resource "aws_lambda_function_url" "proxy" {
  function_name      = aws_lambda_function.proxy.function_name
  authorization_type = "NONE"
  invoke_mode        = "RESPONSE_STREAM"
}
