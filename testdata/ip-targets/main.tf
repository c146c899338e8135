terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "legacy_hosts" {
  description = "machines reached over the direct connect line"
  type        = map(string)
  default = {
    rack1 = "192.168.40.11"
    rack2 = "192.168.40.12"
  }
}

resource "aws_vpc" "edge" {
  cidr_block = "10.30.0.0/20"
}

resource "aws_subnet" "edge" {
  for_each          = toset(["a", "b"])
  vpc_id            = aws_vpc.edge.id
  cidr_block        = each.key == "a" ? "10.30.0.0/24" : "10.30.1.0/24"
  availability_zone = "eu-central-1${each.key}"
}

resource "aws_security_group" "alb" {
  name   = "legacy-alb"
  vpc_id = aws_vpc.edge.id

  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress {
    protocol    = "tcp"
    from_port   = 1
    to_port     = 65535
    cidr_blocks = ["192.168.40.0/24", "10.30.0.0/20"]
  }
}

resource "aws_lb" "legacy" {
  name            = "legacy"
  internal        = true
  subnets         = [for s in aws_subnet.edge : s.id]
  security_groups = [aws_security_group.alb.id]
  idle_timeout    = 120
}

resource "aws_lb_target_group" "erp" {
  name        = "erp"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.edge.id

  health_check {
    path                = "/status"
    port                = "9000"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 3
    unhealthy_threshold = 3
  }
}

resource "aws_lb_target_group_attachment" "erp" {
  for_each          = var.legacy_hosts
  target_group_arn  = aws_lb_target_group.erp.arn
  target_id         = each.value
  availability_zone = "all"
}

# one address inside the VPC, on a port of its own
resource "aws_lb_target_group_attachment" "proxy" {
  target_group_arn = aws_lb_target_group.erp.arn
  target_id        = "10.30.1.77"
  port             = 8088
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.legacy.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.erp.arn
  }
}
