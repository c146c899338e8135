terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "vpc_id" {
  type    = string
  default = "vpc-0f1e2d3c4b5a69788"
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0f1e2d3c4b5a69788", "subnet-0f1e2d3c4b5a69789"]
}

variable "platforms" {
  type = map(object({
    idle_timeout = number
    services = map(object({
      port   = number
      health = string
    }))
  }))
  default = {
    public = {
      idle_timeout = 60
      services = {
        api  = { port = 8080, health = "/api/health" }
        shop = { port = 3000, health = "/healthz" }
      }
    }
    partner = {
      idle_timeout = 90
      services = {
        api = { port = 8081, health = "/health" }
      }
    }
  }
}

module "platform" {
  source   = "./modules/platform"
  for_each = var.platforms

  name         = each.key
  idle_timeout = each.value.idle_timeout
  services     = each.value.services
  vpc_id       = var.vpc_id
  subnet_ids   = var.subnet_ids
}

# both services of the public platform: the key goes through each.key
resource "aws_lb_listener_rule" "public" {
  for_each     = { api = 10, shop = 20 }
  listener_arn = module.platform["public"].listener_arn
  priority     = each.value

  action {
    type             = "forward"
    target_group_arn = module.platform["public"].target_group_arns[each.key]
  }

  condition {
    host_header {
      values = ["${each.key}.example.com"]
    }
  }
}

# the partner's only service: both keys are literal
resource "aws_lb_listener_rule" "partner_api" {
  listener_arn = module.platform["partner"].listener_arn
  priority     = 1

  action {
    type             = "forward"
    target_group_arn = module.platform["partner"].target_group_arns["api"]
  }

  condition {
    path_pattern {
      values = ["/v2/*"]
    }
  }
}

output "target_groups" {
  value = { for name, platform in module.platform : name => platform.target_group_arns }
}
