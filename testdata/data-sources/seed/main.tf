# What the network team has built already; the stack beside this folder finds it through data sources.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "us-west-2"
}

resource "aws_vpc" "shared" {
  cidr_block = "10.40.0.0/16"
  tags       = { Name = "shared" }
}

resource "aws_subnet" "shared" {
  count             = 2
  vpc_id            = aws_vpc.shared.id
  cidr_block        = cidrsubnet("10.40.0.0/16", 8, count.index)
  availability_zone = ["us-west-2a", "us-west-2b"][count.index]
  tags              = { Tier = "apps" }
}

resource "aws_security_group" "alb" {
  name   = "shared-alb"
  vpc_id = aws_vpc.shared.id

  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "shared" {
  name            = "shared"
  subnets         = aws_subnet.shared[*].id
  security_groups = [aws_security_group.alb.id]
  idle_timeout    = 75
}

resource "aws_acm_certificate" "shared" {
  domain_name       = "*.example.com"
  validation_method = "DNS"
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.shared.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.shared.arn

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "nothing here"
      status_code  = "404"
    }
  }
}

resource "aws_ecs_cluster" "shared" {
  name = "shared"
}
