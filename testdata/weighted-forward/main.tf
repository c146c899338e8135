terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-west-2"
}

variable "vpc_id" {
  type    = string
  default = "vpc-0abc1234def567890"
}

variable "subnets" {
  type    = list(string)
  default = ["subnet-0abc1234def567890", "subnet-0abc1234def567891"]
}

resource "aws_security_group" "alb" {
  name   = "search-alb"
  vpc_id = var.vpc_id
}

resource "aws_security_group_rule" "alb_in" {
  security_group_id = aws_security_group.alb.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
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
  vpc_id = var.vpc_id
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
  name            = "search"
  subnets         = var.subnets
  security_groups = [aws_security_group.alb.id]
}

resource "aws_lb_target_group" "blue" {
  name                 = "search-blue"
  port                 = 3000
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = var.vpc_id
  deregistration_delay = 30

  health_check {
    path                = "/-/healthy"
    matcher             = "200"
    interval            = 10
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }
}

resource "aws_lb_target_group" "green" {
  name                 = "search-green"
  port                 = 3000
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = var.vpc_id
  deregistration_delay = 30

  health_check {
    path                = "/-/healthy"
    matcher             = "200"
    interval            = 10
    timeout             = 3
    healthy_threshold   = 3
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.search.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-2:123456789012:certificate/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

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

# the partner keeps to blue until the shift is over
resource "aws_lb_listener_rule" "partner" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 100

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.blue.arn
  }

  condition {
    http_header {
      http_header_name = "X-Partner"
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
    subnets         = var.subnets
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.blue.arn
    container_name   = "search"
    container_port   = 3000
  }

  depends_on = [aws_lb_listener.https]
}

resource "aws_ecs_service" "green" {
  name                              = "search-green"
  cluster                           = aws_ecs_cluster.search.id
  task_definition                   = aws_ecs_task_definition.green.arn
  launch_type                       = "FARGATE"
  desired_count                     = 2
  health_check_grace_period_seconds = 120

  network_configuration {
    subnets         = var.subnets
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.green.arn
    container_name   = "search"
    container_port   = 3000
  }

  depends_on = [aws_lb_listener.https]
}
