terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.28.0 is the first that gives a public function URL both permissions that Lambda requires.
      version = ">= 6.28.0"
    }
  }
}
