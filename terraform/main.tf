data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  zips = coalesce(var.zips, "${path.module}/zips")
  # What ARNs of parameters begin with. Names of parameters begin with a slash.
  parameters = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:parameter"
  secrets    = "arn:${data.aws_partition.current.partition}:secretsmanager:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:secret"

  secret_paths = [for path in var.secret_paths : trimsuffix(path, "/")]
  # Paths that hold documents. The role must not read those as secrets: below the root, only the folder secrets may be listed.
  document_paths  = [for path in local.secret_paths : path if startswith("${lower(var.parameter_path)}/", "${lower(path)}/") || (startswith(lower(path), "${lower(var.parameter_path)}/") && !startswith("${path}/", "${var.parameter_path}/secrets/"))]
  managed_secrets = [for path in local.secret_paths : trimprefix(path, "/aws/reference/secretsmanager/") if startswith(path, "/aws/reference/secretsmanager/")]

  object_key = "v1${var.parameter_path}"

  # Settings that proxy and publisher share, since both judge documents. A setting without a value is left out.
  environment = { for name, value in {
    COUNTERSIGN_PARAMETER_PATH        = var.parameter_path
    COUNTERSIGN_REFRESH_SECONDS       = var.refresh_seconds == null ? null : tostring(var.refresh_seconds)
    COUNTERSIGN_ALLOWED_HOSTS         = length(var.allowed_hosts) == 0 ? null : join(",", var.allowed_hosts)
    COUNTERSIGN_SECRET_PATHS          = length(var.secret_paths) == 0 ? null : join(",", var.secret_paths)
    COUNTERSIGN_LOG_LEVEL             = var.log_level
    COUNTERSIGN_REQUIRE_ACCESS_PLUGIN = var.require_access_plugin ? "1" : null
    COUNTERSIGN_LIMIT_TABLE           = var.rate_limit_table ? aws_dynamodb_table.rate_limits[0].name : null
    COUNTERSIGN_METRICS               = var.metrics
    COUNTERSIGN_SNAPSHOT_URI          = var.snapshot ? "s3://${aws_s3_bucket.snapshot[0].bucket}/${local.object_key}" : null
    COUNTERSIGN_SNAPSHOT_KEY          = var.snapshot ? aws_kms_key.snapshot[0].arn : null
  } : name => value if value != null }
  publisher_environment = merge(local.environment, var.topic_arn == null ? {} : { COUNTERSIGN_TOPIC_ARN = var.topic_arn })
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# Who reads documents: the publisher, or the proxy in direct mode.
data "aws_iam_policy_document" "read_documents" {
  statement {
    sid     = "ReadDocuments"
    actions = ["ssm:GetParametersByPath", "ssm:GetParameters", "ssm:GetParameterHistory"]
    resources = [
      "${local.parameters}${var.parameter_path}",
      "${local.parameters}${var.parameter_path}/*",
    ]
  }

  dynamic "statement" {
    for_each = length(local.secret_paths) > 0 ? [1] : []

    content {
      sid       = "ReadSecrets"
      actions   = ["ssm:GetParameters"]
      resources = flatten([for path in local.secret_paths : ["${local.parameters}${path}", "${local.parameters}${path}/*"]])
    }
  }

  dynamic "statement" {
    for_each = length(local.managed_secrets) > 0 ? [1] : []

    content {
      sid       = "ReadManagedSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = flatten([for name in local.managed_secrets : ["${local.secrets}:${name}-??????", "${local.secrets}:${name}/*"]])
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.document_paths) == 0
      error_message = "secret_paths has ${join(", ", local.document_paths)}; expected paths that have no documents in them: they are below ${var.parameter_path}."
    }
  }
}

resource "aws_ssm_parameter" "route" {
  for_each = var.routes

  name  = "${var.parameter_path}/routes/${each.key}"
  type  = "String"
  tier  = length(each.value) > 4096 ? "Advanced" : "Standard"
  value = each.value
  tags  = var.tags

  # So the publisher gets an event for each route.
  depends_on = [
    aws_cloudwatch_event_target.changes,
    aws_lambda_event_source_mapping.changes,
  ]
}

resource "aws_dynamodb_table" "rate_limits" {
  count = var.rate_limit_table ? 1 : 0

  name         = "${var.name}-rate-limits"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "key"
  tags         = var.tags

  attribute {
    name = "key"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
}
