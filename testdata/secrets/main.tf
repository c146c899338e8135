terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

# Every secret in this stack is made up and contains the same word, so that a report can be searched for it.
provider "aws" {
  region     = "eu-central-1"
  access_key = "AKIAIOSFODNN7EXAMPLE"
  secret_key = "provider-plangate-secret-key"
}

variable "vpc_id" {
  type    = string
  default = "vpc-0123456789abcdef0"
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
}

variable "db_password" {
  type      = string
  sensitive = true
  default   = "hunter2-plangate-secret"
}

# not marked sensitive by whoever wrote it
variable "smtp_password" {
  type    = string
  default = "smtp-plangate-secret"
}

variable "health_path" {
  type      = string
  sensitive = true
  default   = "/health?token=path-plangate-secret"
}

resource "aws_security_group" "alb" {
  name   = "billing-alb"
  vpc_id = var.vpc_id

  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "task" {
  name   = "billing-task"
  vpc_id = var.vpc_id

  ingress {
    protocol        = "tcp"
    from_port       = 8080
    to_port         = 8080
    security_groups = [aws_security_group.alb.id]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "billing" {
  name            = "billing"
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.alb.id]
}

# the fault: timeout is not below interval
resource "aws_lb_target_group" "billing" {
  name        = "billing"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = var.vpc_id

  health_check {
    path                = var.health_path
    matcher             = "200"
    interval            = 30
    timeout             = 30
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.billing.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-central-1:123456789012:certificate/abcdabcd-1234-1234-1234-abcdabcdabcd"

  default_action {
    type  = "authenticate-oidc"
    order = 1
    authenticate_oidc {
      issuer                 = "https://login.example.com"
      authorization_endpoint = "https://login.example.com/authorize"
      token_endpoint         = "https://login.example.com/token"
      user_info_endpoint     = "https://login.example.com/userinfo"
      client_id              = "billing"
      client_secret          = "oidc-plangate-secret"
    }
  }

  default_action {
    type             = "forward"
    order            = 2
    target_group_arn = aws_lb_target_group.billing.arn
  }
}

resource "aws_ecs_cluster" "billing" {
  name = "billing"
}

resource "aws_ecs_task_definition" "billing" {
  family                   = "billing"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512

  container_definitions = jsonencode([{
    name         = "app"
    image        = "registry.example.com/billing:12"
    command      = ["serve", "--db-password", var.db_password]
    portMappings = [{ containerPort = 8080 }]
    environment = [
      { name = "DB_PASSWORD", value = var.db_password },
      { name = "SMTP_PASSWORD", value = var.smtp_password },
    ]
  }])
}

resource "aws_ecs_service" "billing" {
  name                              = "billing"
  cluster                           = aws_ecs_cluster.billing.id
  task_definition                   = aws_ecs_task_definition.billing.arn
  launch_type                       = "FARGATE"
  desired_count                     = 2
  health_check_grace_period_seconds = 60

  network_configuration {
    subnets         = var.subnet_ids
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.billing.arn
    container_name   = "app"
    container_port   = 8080
  }

  depends_on = [aws_lb_listener.https]
}

output "database_url" {
  value     = "postgres://billing:${var.db_password}@db.example.com/billing"
  sensitive = true
}
