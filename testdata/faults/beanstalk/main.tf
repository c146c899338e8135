# An environment of Elastic Beanstalk, and a function behind a rule of another load balancer.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-north-1"
}

resource "aws_iam_role" "quote" {
  name = "quote"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "quote" {
  function_name                  = "quote"
  role                           = aws_iam_role.quote.arn
  runtime                        = "python3.12"
  handler                        = "quote.handler"
  s3_bucket                      = "example-artifacts"
  s3_key                         = "quote/1.4.0.zip"
  timeout                        = 25
  reserved_concurrent_executions = 50
}

resource "aws_lambda_permission" "alb" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.quote.function_name
  principal     = "elasticloadbalancing.amazonaws.com"
  source_arn    = aws_lb_target_group.quote.arn
}

resource "aws_lb_target_group" "quote" {
  name        = "quote"
  target_type = "lambda"

  health_check {
    enabled             = true
    path                = "/healthz"
    matcher             = "200"
    interval            = 35
    timeout             = 30
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_target_group_attachment" "quote" {
  target_group_arn = aws_lb_target_group.quote.arn
  target_id        = aws_lambda_function.quote.arn
  depends_on       = [aws_lambda_permission.alb]
}

resource "aws_security_group" "alb" {
  name   = "quote-alb"
  vpc_id = "vpc-00112233445566778"

  ingress {
    protocol         = "tcp"
    from_port        = 80
    to_port          = 80
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "front" {
  name                       = "quote"
  subnets                    = ["subnet-00112233445566778", "subnet-00112233445566779"]
  security_groups            = [aws_security_group.alb.id]
  idle_timeout               = 60
  enable_deletion_protection = true

  access_logs {
    bucket  = "example-load-balancer-logs"
    enabled = true
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.front.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "no such page"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "quote" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.quote.arn
  }

  condition {
    path_pattern {
      values = ["/quote", "/quote/*"]
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "quote-5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 3

  dimensions = {
    LoadBalancer = aws_lb.front.arn_suffix
  }
}

# Elastic Beanstalk makes load balancer, target group and instances of these settings.

locals {
  checks = {
    HealthCheckPath         = "/healthz"
    HealthCheckInterval     = "10"
    HealthCheckTimeout      = "5"
    HealthyThresholdCount   = "3"
    UnhealthyThresholdCount = "3"
    MatcherHTTPCode         = "200"
  }
}

resource "aws_elastic_beanstalk_application" "shop" {
  name = "shop"
}

resource "aws_elastic_beanstalk_environment" "shop" {
  name                = "shop-live"
  application         = aws_elastic_beanstalk_application.shop.name
  solution_stack_name = "64bit Amazon Linux 2023 v6.5.0 running Node.js 22"
  tags                = { "plangate:keep-alive-seconds" = "75" }

  setting {
    namespace = "aws:elasticbeanstalk:environment"
    name      = "LoadBalancerType"
    value     = "application"
  }

  setting {
    namespace = "aws:elbv2:loadbalancer"
    name      = "IdleTimeout"
    value     = "65"
  }

  setting {
    namespace = "aws:elasticbeanstalk:environment:process:default"
    name      = "DeregistrationDelay"
    value     = "120"
  }

  setting {
    namespace = "aws:elbv2:loadbalancer"
    name      = "SecurityGroups"
    value     = aws_security_group.alb.id
  }

  dynamic "setting" {
    for_each = local.checks

    content {
      namespace = "aws:elasticbeanstalk:environment:process:default"
      name      = setting.key
      value     = setting.value
    }
  }
}
