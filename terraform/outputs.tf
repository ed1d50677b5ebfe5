output "url" {
  description = "Public URL of the proxy."
  value       = aws_lambda_function_url.proxy.function_url
}

output "parameter_path" {
  description = "Root of the proxy's documents in Parameter Store."
  value       = var.parameter_path
}

output "function_name" {
  description = "The proxy's function, for alarms."
  value       = aws_lambda_function.proxy.function_name
}

output "role_arn" {
  description = "The proxy's role. An upstream in another account allows it in its own policy."
  value       = aws_iam_role.proxy.arn
}

output "publisher_function_name" {
  description = "Invoke it with {} to publish everything now; null without a snapshot."
  value       = one(aws_lambda_function.publisher[*].function_name)
}

output "lost_changes_queue_name" {
  description = "Holds changes on which the publisher failed five times, for an alarm; null without a snapshot."
  value       = one(aws_sqs_queue.lost_changes[*].name)
}

output "log_group_names" {
  description = "Log groups of the proxy and the publisher."
  value       = concat([aws_cloudwatch_log_group.proxy.name], aws_cloudwatch_log_group.publisher[*].name)
}
