# An ECS service on container instances; Docker picks the ports.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "vpc_id" {
  type    = string
  default = "vpc-0a1b2c3d4e5f60718"
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]
}

resource "aws_security_group" "alb" {
  name   = "batch-alb"
  vpc_id = var.vpc_id

  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "node" {
  name   = "batch-node"
  vpc_id = var.vpc_id

  ingress {
    description     = "dynamic ports"
    protocol        = "tcp"
    from_port       = 32768
    to_port         = 65535
    security_groups = [aws_security_group.alb.id]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_launch_template" "node" {
  name                   = "batch-node"
  image_id               = "ami-0fedcba9876543210"
  instance_type          = "m6i.large"
  vpc_security_group_ids = [aws_security_group.node.id]
  user_data              = base64encode("#!/bin/bash\necho ECS_CLUSTER=batch >> /etc/ecs/ecs.config\n")

  iam_instance_profile {
    name = "ecsInstanceRole"
  }
}

resource "aws_autoscaling_group" "node" {
  name                  = "batch-node"
  min_size              = 2
  max_size              = 8
  vpc_zone_identifier   = var.subnet_ids
  protect_from_scale_in = true

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  instance_refresh {
    strategy = "Rolling"
  }

  tag {
    key                 = "AmazonECSManaged"
    value               = "true"
    propagate_at_launch = true
  }
}

resource "aws_ecs_capacity_provider" "node" {
  name = "batch-node"

  auto_scaling_group_provider {
    auto_scaling_group_arn         = aws_autoscaling_group.node.arn
    managed_termination_protection = "ENABLED"

    managed_scaling {
      status          = "ENABLED"
      target_capacity = 90
    }
  }
}

resource "aws_ecs_cluster" "batch" {
  name = "batch"
}

resource "aws_ecs_cluster_capacity_providers" "batch" {
  cluster_name       = aws_ecs_cluster.batch.name
  capacity_providers = [aws_ecs_capacity_provider.node.name]
}

resource "aws_ecs_task_definition" "worker" {
  family       = "worker"
  network_mode = "bridge"

  container_definitions = jsonencode([{
    name         = "worker"
    image        = "httpd:2.4"
    command      = ["sh", "-c", "echo 'KeepAliveTimeout 75' >> conf/httpd.conf && exec httpd-foreground"]
    memory       = 512
    essential    = true
    portMappings = [{ containerPort = 80, hostPort = 0 }]
  }])
}

resource "aws_ecs_service" "worker" {
  name                              = "worker"
  cluster                           = aws_ecs_cluster.batch.id
  task_definition                   = aws_ecs_task_definition.worker.arn
  desired_count                     = 4
  health_check_grace_period_seconds = 90

  capacity_provider_strategy {
    capacity_provider = aws_ecs_capacity_provider.node.name
    weight            = 1
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.worker.arn
    container_name   = "worker"
    container_port   = 80
  }

  depends_on = [aws_lb_listener.http, aws_ecs_cluster_capacity_providers.batch]
}

resource "aws_lb" "internal" {
  name                       = "batch"
  internal                   = true
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.alb.id]
  enable_deletion_protection = true

  access_logs {
    bucket  = "example-load-balancer-logs"
    enabled = true
  }
}

resource "aws_lb_target_group" "worker" {
  name     = "worker"
  port     = 80
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  health_check {
    path                = "/ping"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.internal.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.worker.arn
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "batch-5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 3

  dimensions = {
    LoadBalancer = aws_lb.internal.arn_suffix
  }
}
