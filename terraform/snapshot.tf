resource "aws_s3_bucket" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket_prefix = "${var.name}-"
  # The snapshot can be made again from Parameter Store.
  force_destroy = true
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket                  = aws_s3_bucket.snapshot[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket = aws_s3_bucket.snapshot[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket = aws_s3_bucket.snapshot[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket = aws_s3_bucket.snapshot[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket = aws_s3_bucket.snapshot[0].id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.snapshot]
}

data "aws_iam_policy_document" "snapshot_bucket" {
  count = var.snapshot ? 1 : 0

  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.snapshot[0].arn, "${aws_s3_bucket.snapshot[0].arn}/*"]

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
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.snapshot[0].arn, "${aws_s3_bucket.snapshot[0].arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }

  statement {
    sid    = "OnlyThePublisherWrites"
    effect = "Deny"
    # Replication from another bucket writes and deletes objects by actions of its own.
    actions   = ["s3:PutObject", "s3:ReplicateObject"]
    resources = ["${aws_s3_bucket.snapshot[0].arn}/${local.object_key}"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = [aws_iam_role.publisher[0].arn]
    }
  }

  statement {
    sid    = "NobodyDeletes"
    effect = "Deny"
    # Deleting the newest version would restore an older one. Terraform deletes this policy before it empties the bucket.
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ReplicateDelete"]
    resources = ["${aws_s3_bucket.snapshot[0].arn}/${local.object_key}"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "snapshot" {
  count = var.snapshot ? 1 : 0

  bucket = aws_s3_bucket.snapshot[0].id
  policy = data.aws_iam_policy_document.snapshot_bucket[0].json

  depends_on = [aws_s3_bucket_public_access_block.snapshot]
}

resource "aws_kms_key" "snapshot" {
  count = var.snapshot ? 1 : 0

  description             = "Countersign snapshot of ${var.parameter_path}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = var.tags
}
