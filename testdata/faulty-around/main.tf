# What can be wrong around a path: zones, routes, VPCs, Lambda permissions, deployments, alarms, what calls the load balancer.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_vpc" "other" { cidr_block = "10.1.0.0/16" }
resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
}
resource "aws_subnet" "c" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "eu-west-1c"
}
resource "aws_eip" "n" {}
resource "aws_nat_gateway" "main" {
  subnet_id     = aws_subnet.c.id
  allocation_id = aws_eip.n.id
}
resource "aws_route_table" "pub" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table" "priv" { vpc_id = aws_vpc.main.id }
resource "aws_route" "priv" {
  route_table_id         = aws_route_table.priv.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.pub.id
}
resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.priv.id
}
resource "aws_security_group" "alb" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 8080
    to_port     = 8080
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}
resource "aws_lb" "web" {
  subnets         = [aws_subnet.a.id, aws_subnet.b.id]
  security_groups = [aws_security_group.alb.id]
}
resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.web.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/1f0e"
  default_action {
    type = "authenticate-oidc"
    authenticate_oidc {
      authorization_endpoint = "https://idp.example.com/authorize"
      client_id              = "app"
      client_secret          = "s"
      issuer                 = "https://idp.example.com"
      token_endpoint         = "https://idp.example.com/token"
      user_info_endpoint     = "https://idp.example.com/userinfo"
    }
  }
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.app.arn
        weight = 0
      }
      target_group {
        arn    = aws_lb_target_group.fn.arn
        weight = 0
      }
    }
  }
}
resource "aws_lb_target_group" "app" {
  port                          = 8080
  protocol                      = "HTTP"
  vpc_id                        = aws_vpc.other.id
  target_type                   = "ip"
  deregistration_delay          = 0
  slow_start                    = 60
  load_balancing_algorithm_type = "least_outstanding_requests"
  ip_address_type               = "ipv6"
  stickiness { type = "lb_cookie" }
}
resource "aws_lb_target_group" "fn" { target_type = "lambda" }
resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "app", image = "app", portMappings = [{ containerPort = 8080 }] }])
}
resource "aws_ecs_service" "app" {
  name            = "app"
  task_definition = aws_ecs_task_definition.app.arn
  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 1
  }
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  network_configuration { subnets = [aws_subnet.c.id] }
  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = "app"
    container_port   = 8080
  }
}
resource "aws_lambda_function" "fn" {
  function_name = "fn"
  role          = "arn:aws:iam::111122223333:role/x"
  filename      = "/dev/null"
  handler       = "a"
  runtime       = "nodejs20.x"
}
resource "aws_lambda_permission" "alb" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.fn.function_name
  principal     = "elasticloadbalancing.amazonaws.com"
  source_arn    = aws_lb.web.arn
}
resource "aws_lb_target_group_attachment" "fn" {
  target_group_arn = aws_lb_target_group.fn.arn
  target_id        = aws_lambda_function.fn.arn
}
resource "aws_lb_listener_rule" "all" {
  listener_arn = aws_lb_listener.front.arn
  priority     = 1
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.fn.arn
  }
  condition {
    path_pattern { values = ["/*"] }
  }
}
resource "aws_lb_listener_rule" "api" {
  listener_arn = aws_lb_listener.front.arn
  priority     = 2
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.fn.arn
  }
  condition {
    path_pattern { values = ["/api/*"] }
  }
}
resource "aws_cloudwatch_metric_alarm" "wrong" {
  alarm_name          = "wrong"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  statistic           = "Average"
  treat_missing_data  = "breaching"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 5
  dimensions          = { LoadBalancer = aws_lb.web.arn }
}
resource "aws_cloudwatch_metric_alarm" "right" {
  alarm_name          = "right"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  statistic           = "Minimum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 5
  dimensions = {
    LoadBalancer = aws_lb.web.arn_suffix
    TargetGroup  = aws_lb_target_group.app.arn_suffix
  }
}
resource "aws_cloudfront_distribution" "site" {
  enabled = true
  origin {
    domain_name = aws_lb.web.dns_name
    origin_id   = "alb"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "alb"
    viewer_protocol_policy = "allow-all"
    cache_policy_id        = "x"
  }
  restrictions {
    geo_restriction { restriction_type = "none" }
  }
  viewer_certificate { cloudfront_default_certificate = true }
}
resource "aws_wafv2_web_acl_association" "w" {
  resource_arn = aws_lb.web.arn
  web_acl_arn  = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/11111111-1111-1111-1111-111111111111"
}
