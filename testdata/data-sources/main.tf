terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "us-west-2"
}

data "aws_vpc" "shared" {
  filter {
    name   = "tag:Name"
    values = ["shared"]
  }
}

data "aws_subnets" "apps" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.shared.id]
  }
}

data "aws_lb" "shared" {
  name = "shared"
}

data "aws_lb_listener" "https" {
  load_balancer_arn = data.aws_lb.shared.arn
  port              = 443
}

data "aws_security_group" "alb" {
  name   = "shared-alb"
  vpc_id = data.aws_vpc.shared.id
}

data "aws_ecs_cluster" "shared" {
  cluster_name = "shared"
}

resource "aws_security_group" "invoices" {
  name   = "invoices"
  vpc_id = data.aws_vpc.shared.id
}

resource "aws_vpc_security_group_ingress_rule" "invoices_from_alb" {
  security_group_id            = aws_security_group.invoices.id
  referenced_security_group_id = data.aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
}

resource "aws_vpc_security_group_egress_rule" "invoices_out" {
  security_group_id = aws_security_group.invoices.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

# each team lets the shared load balancer out to its own service
resource "aws_vpc_security_group_egress_rule" "alb_to_invoices" {
  security_group_id            = data.aws_security_group.alb.id
  referenced_security_group_id = aws_security_group.invoices.id
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
}

resource "aws_lb_target_group" "invoices" {
  name                 = "invoices"
  port                 = 8000
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.shared.id
  deregistration_delay = 75

  health_check {
    path                = "/invoices/health"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener_rule" "invoices" {
  listener_arn = data.aws_lb_listener.https.arn
  priority     = 420

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.invoices.arn
  }

  condition {
    path_pattern {
      values = ["/invoices", "/invoices/*"]
    }
  }
}

resource "aws_ecs_task_definition" "invoices" {
  family                   = "invoices"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name         = "invoices"
    image        = "registry.example.com/invoices:3"
    stopTimeout  = 90
    portMappings = [{ containerPort = 8000 }]
  }])
}

resource "aws_ecs_service" "invoices" {
  name                              = "invoices"
  cluster                           = data.aws_ecs_cluster.shared.arn
  task_definition                   = aws_ecs_task_definition.invoices.arn
  launch_type                       = "FARGATE"
  desired_count                     = 2
  health_check_grace_period_seconds = 60

  network_configuration {
    subnets         = data.aws_subnets.apps.ids
    security_groups = [aws_security_group.invoices.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.invoices.arn
    container_name   = "invoices"
    container_port   = 8000
  }

  depends_on = [aws_lb_listener_rule.invoices]
}
