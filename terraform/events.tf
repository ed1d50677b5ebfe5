resource "aws_sqs_queue" "lost_changes" {
  count = var.snapshot ? 1 : 0

  name                      = "${var.name}-lost-changes"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
  tags                      = var.tags
}

resource "aws_sqs_queue" "changes" {
  count = var.snapshot ? 1 : 0

  name                       = "${var.name}-changes"
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 960
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.lost_changes[0].arn
    maxReceiveCount     = 5
  })
}

data "aws_iam_policy_document" "changes" {
  count = var.snapshot ? 1 : 0

  statement {
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.changes[0].arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    resources = [aws_sqs_queue.changes[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.changes[0].arn]
    }
  }
}

resource "aws_sqs_queue_policy" "changes" {
  count = var.snapshot ? 1 : 0

  queue_url = aws_sqs_queue.changes[0].url
  policy    = data.aws_iam_policy_document.changes[0].json
}

data "aws_iam_policy_document" "lost_changes" {
  count = var.snapshot ? 1 : 0

  statement {
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.lost_changes[0].arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "lost_changes" {
  count = var.snapshot ? 1 : 0

  queue_url = aws_sqs_queue.lost_changes[0].url
  policy    = data.aws_iam_policy_document.lost_changes[0].json
}

resource "aws_cloudwatch_event_rule" "changes" {
  count = var.snapshot ? 1 : 0

  name        = "${var.name}-changes"
  description = "Changes of the documents below ${var.parameter_path}"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.ssm"]
    detail-type = ["Parameter Store Change"]
    detail = {
      name      = [{ prefix = "${var.parameter_path}/" }]
      operation = ["Create", "Update", "Delete"]
    }
  })
}

resource "aws_cloudwatch_event_target" "changes" {
  count = var.snapshot ? 1 : 0

  rule = aws_cloudwatch_event_rule.changes[0].name
  arn  = aws_sqs_queue.changes[0].arn

  depends_on = [aws_sqs_queue_policy.changes]
}

resource "aws_lambda_event_source_mapping" "changes" {
  count = var.snapshot ? 1 : 0

  event_source_arn = aws_sqs_queue.changes[0].arn
  function_name    = aws_lambda_function.publisher[0].arn
  batch_size       = 1000
  # What Parameter Store does not show yet comes again.
  function_response_types            = ["ReportBatchItemFailures"]
  maximum_batching_window_in_seconds = 1

  scaling_config {
    # All runs replace the same object, so more of them would only wait.
    maximum_concurrency = 2
  }
}

locals {
  # Events are delivered at best effort, and Secrets Manager rotates without one.
  schedules = !var.snapshot ? {} : {
    reconcile = { rate = "rate(${var.reconcile_minutes} minutes)", input = null }
    secrets   = { rate = "rate(1 minute)", input = jsonencode({ countersign = "secrets" }) }
  }
}

resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = "${var.name}-${each.key}"
  schedule_expression = each.value.rate
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.schedules

  rule  = aws_cloudwatch_event_rule.schedule[each.key].name
  arn   = aws_lambda_function.publisher[0].arn
  input = each.value.input
}

resource "aws_lambda_permission" "schedule" {
  for_each = local.schedules

  statement_id  = "AllowSchedule-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.publisher[0].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.schedule[each.key].arn
}
