# Two versions of a service side by side, CloudFront in front of both.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-west-2"
}

locals {
  vpc     = "vpc-0abc1234def567890"
  subnets = ["subnet-0abc1234def567890", "subnet-0abc1234def567891"]
}

resource "aws_security_group" "alb" {
  name   = "search-alb"
  vpc_id = local.vpc
}

resource "aws_security_group_rule" "alb_in" {
  security_group_id = aws_security_group.alb.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "alb_out" {
  security_group_id        = aws_security_group.alb.id
  type                     = "egress"
  protocol                 = "tcp"
  from_port                = 3000
  to_port                  = 3000
  source_security_group_id = aws_security_group.task.id
}

resource "aws_security_group" "task" {
  name   = "search-task"
  vpc_id = local.vpc
}

resource "aws_security_group_rule" "task_in" {
  security_group_id        = aws_security_group.task.id
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 3000
  to_port                  = 3000
  source_security_group_id = aws_security_group.alb.id
}

resource "aws_security_group_rule" "task_out" {
  security_group_id = aws_security_group.task.id
  type              = "egress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_lb" "search" {
  name                       = "search"
  subnets                    = local.subnets
  security_groups            = [aws_security_group.alb.id]
  idle_timeout               = 60
  enable_deletion_protection = true

  access_logs {
    bucket  = "example-load-balancer-logs"
    enabled = true
  }
}

resource "aws_lb_target_group" "blue" {
  name                 = "search-blue"
  port                 = 3000
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = local.vpc
  deregistration_delay = 30

  health_check {
    path                = "/-/healthy"
    matcher             = "200"
    interval            = 10
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }

  stickiness {
    type            = "lb_cookie"
    cookie_duration = 600
  }
}

resource "aws_lb_target_group" "green" {
  name                 = "search-green"
  port                 = 3000
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = local.vpc
  deregistration_delay = 30

  health_check {
    path                = "/-/healthy"
    matcher             = "200"
    interval            = 10
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }

  stickiness {
    type            = "lb_cookie"
    cookie_duration = 600
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.search.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 90
      }

      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 10
      }

      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
}

resource "aws_lb_listener_rule" "preview" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 100

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 0
      }

      stickiness {
        enabled  = true
        duration = 300
      }
    }
  }

  condition {
    http_header {
      http_header_name = "X-Preview"
      values           = ["*"]
    }
  }
}

resource "aws_ecs_cluster" "search" {
  name = "search"
}

resource "aws_ecs_task_definition" "blue" {
  family                   = "search-blue"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  container_definitions = jsonencode([{
    name         = "search"
    image        = "registry.example.com/search:41"
    command      = ["gunicorn", "--bind", "0.0.0.0:3000", "--worker-class", "gthread", "--keep-alive", "75", "search:app"]
    stopTimeout  = 60
    portMappings = [{ containerPort = 3000 }]
  }])
}

resource "aws_ecs_task_definition" "green" {
  family                   = "search-green"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  container_definitions = jsonencode([{
    name         = "search"
    image        = "registry.example.com/search:42"
    command      = ["gunicorn", "--bind", "0.0.0.0:3000", "--worker-class", "gthread", "--keep-alive", "80", "search:app"]
    stopTimeout  = 60
    portMappings = [{ containerPort = 3000 }]
  }])
}

resource "aws_ecs_service" "blue" {
  name                              = "search-blue"
  cluster                           = aws_ecs_cluster.search.id
  task_definition                   = aws_ecs_task_definition.blue.arn
  launch_type                       = "FARGATE"
  desired_count                     = 6
  health_check_grace_period_seconds = 120

  network_configuration {
    subnets         = local.subnets
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.blue.arn
    container_name   = "search"
    container_port   = 3000
  }

  depends_on = [aws_lb_listener.http]
}

resource "aws_ecs_service" "green" {
  name                              = "search-green"
  cluster                           = aws_ecs_cluster.search.id
  task_definition                   = aws_ecs_task_definition.green.arn
  launch_type                       = "FARGATE"
  desired_count                     = 2
  health_check_grace_period_seconds = 120

  network_configuration {
    subnets         = local.subnets
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.green.arn
    container_name   = "search"
    container_port   = 3000
  }

  depends_on = [aws_lb_listener.http]
}

resource "aws_cloudfront_distribution" "site" {
  enabled = true

  origin {
    origin_id   = "alb"
    domain_name = aws_lb.search.dns_name

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 60
    }
  }

  default_cache_behavior {
    target_origin_id       = "alb"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "search-5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 3

  dimensions = {
    LoadBalancer = aws_lb.search.arn_suffix
  }
}
