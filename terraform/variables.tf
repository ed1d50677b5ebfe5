variable "name" {
  description = "Prefix of the names of all resources, such as gateway."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,30}$", var.name))
    error_message = "The name has at most 31 characters of a-z 0-9 and -, and begins with a letter or a digit."
  }
}

variable "parameter_path" {
  description = "Root of the documents in Parameter Store, such as /countersign/gateway. No other proxy of the account and Region may have it."
  type        = string

  validation {
    condition     = can(regex("^(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*){1,13}$", var.parameter_path)) && !can(regex("^(?i)/(?:aws|ssm)", var.parameter_path))
    error_message = "The path looks like /countersign/gateway: a slash before each segment, at most 13 of them, none that begins with a dot, and not below /aws or /ssm."
  }
}

variable "routes" {
  description = "Route documents by id, as JSON, such as { orders = jsonencode({ uri = \"/orders/*\", ... }) }. Terraform owns them: an edit elsewhere is undone by the next apply. Leave the map empty where operators write routes."
  type        = map(string)
  default     = {}
}

variable "upstream_function_arns" {
  description = "ARNs of functions whose URLs the proxy may call. Names may contain *, accounts may not."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.upstream_function_arns : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9*-]+:[0-9]{12}:function:[A-Za-z0-9_*?$:-]+$", arn))])
    error_message = "Each is arn:aws:lambda:<region>:<account>:function:<name>."
  }
}

variable "upstream_api_arns" {
  description = "ARNs of execute-api resources that the proxy may call."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.upstream_api_arns : can(regex("^arn:aws[a-z-]*:execute-api:[a-z0-9*-]+:[0-9]{12}:[^/]+/.+$", arn))])
    error_message = "Each is arn:aws:execute-api:<region>:<account>:<api id>/<stage>/<method>/<path>."
  }
}

variable "assumable_role_arns" {
  description = "ARNs of roles that routes may name as role_arn."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.assumable_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=.@_/*-]+$", arn))])
    error_message = "Each is arn:aws:iam::<account>:role/<name>. The name may contain *, the account may not."
  }
}

variable "allowed_hosts" {
  description = "Hosts that routes may call besides AWS's endpoints: host, host:port or *.domain."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for host in var.allowed_hosts : can(regex("^(?:\\*\\.)?(?:\\[[0-9a-f:.]+\\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::[0-9]{1,5})?$", lower(host)))])
    error_message = "Each is host, host:port or *.domain, with no scheme and no path."
  }
}

variable "secret_paths" {
  description = "Absolute paths of secrets that documents may refer to, in Parameter Store or as /aws/reference/secretsmanager/<name>."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for path in var.secret_paths : can(regex("^(?:/[A-Za-z0-9_.+=@-]+)+/?$", path)) && !can(regex("/\\.{1,2}(?:/|$)", path))])
    error_message = "Each is an absolute path such as /shared/partners, without *, without segments . and .., and not / alone."
  }

  validation {
    condition     = alltrue([for path in var.secret_paths : !can(regex("^/aws(?:/reference(?:/secretsmanager)?)?/?$", lower(path)))])
    error_message = "A path of Secrets Manager names a secret: /aws/reference/secretsmanager/<name>, not every secret of the account."
  }
}

variable "require_access_plugin" {
  description = "Whether a route without an access plugin is refused."
  type        = bool
  default     = false
}

variable "snapshot" {
  description = "Whether a publisher writes a snapshot that the proxy reads. false: the proxy reads Parameter Store itself."
  type        = bool
  default     = true
}

variable "reconcile_minutes" {
  description = "How often the publisher compares the whole tree with the snapshot."
  type        = number
  default     = 15

  validation {
    condition     = var.reconcile_minutes >= 5 && var.reconcile_minutes <= 1440 && floor(var.reconcile_minutes) == var.reconcile_minutes
    error_message = "Whole minutes, 5 to 1440."
  }
}

variable "topic_arn" {
  description = "ARN of an SNS topic for changes that are refused or open a route."
  type        = string
  default     = null

  validation {
    condition     = var.topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.topic_arn))
    error_message = "The ARN of a standard topic: arn:aws:sns:<region>:<account>:<topic>."
  }
}

variable "rate_limit_table" {
  description = "Whether a DynamoDB table holds the counts of rate limits for all environments."
  type        = bool
  default     = false
}

variable "memory_size" {
  description = "The proxy's memory in MB."
  type        = number
  default     = 512
}

variable "reserved_concurrency" {
  description = "Most environments of the proxy at a time; 0 switches it off, -1: only the account's limit."
  type        = number
  default     = -1
}

variable "refresh_seconds" {
  description = "How often a warm environment looks for changes; null: 10 seconds."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.refresh_seconds, 10) >= 0 && coalesce(var.refresh_seconds, 10) <= 86400
    error_message = "A number of seconds from 0 to 86400."
  }
}

variable "log_level" {
  description = "Least severity of the log lines that are written: debug, info, warn or error."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "debug, info, warn or error."
  }
}

variable "log_retention_days" {
  description = "How long log lines are kept."
  type        = number
  default     = 30
}

variable "metrics" {
  description = "CloudWatch metrics: routes, total or off."
  type        = string
  default     = "routes"

  validation {
    condition     = contains(["off", "total", "routes"], var.metrics)
    error_message = "off, total or routes."
  }
}

variable "runtime" {
  description = "Lambda's runtime. The code runs on Node 22 and 24."
  type        = string
  default     = "nodejs24.x"

  validation {
    condition     = contains(["nodejs22.x", "nodejs24.x"], var.runtime)
    error_message = "nodejs22.x or nodejs24.x."
  }
}

variable "zips" {
  description = "Folder with proxy.zip and publisher.zip; null: the folder zips of this module, as a release has it."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
