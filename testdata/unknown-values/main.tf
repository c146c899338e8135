terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "ap-southeast-1"
}

variable "vpc_id" {
  type    = string
  default = "vpc-0a0b0c0d0e0f01020"
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0a0b0c0d0e0f01020", "subnet-0a0b0c0d0e0f01021"]
}

# the outputs of these are known only after apply
resource "terraform_data" "idle_timeout" {
  input = 50
}

resource "terraform_data" "matcher" {
  input = "200-499"
}

resource "terraform_data" "port" {
  input = 7000
}

resource "terraform_data" "cidr" {
  input = "10.90.0.0/16"
}

resource "aws_security_group" "alb" {
  name   = "late-alb"
  vpc_id = var.vpc_id

  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "this" {
  name            = "late"
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.alb.id]
  idle_timeout    = terraform_data.idle_timeout.output
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.matcher.arn
  }
}

# ---- the matcher is unknown, everything else is in order

resource "aws_lb_target_group" "matcher" {
  name     = "late-matcher"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  health_check {
    path                = "/health"
    matcher             = terraform_data.matcher.output
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_security_group" "matcher" {
  name   = "late-matcher"
  vpc_id = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "matcher" {
  security_group_id            = aws_security_group.matcher.id
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_instance" "matcher" {
  ami                    = "ami-00112233445566778"
  instance_type          = "t3.micro"
  subnet_id              = var.subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.matcher.id]
}

resource "aws_lb_target_group_attachment" "matcher" {
  target_group_arn = aws_lb_target_group.matcher.arn
  target_id        = aws_instance.matcher.id
}

# ---- the ports of the only security group rule are unknown

resource "aws_lb_target_group" "port" {
  name     = "late-port"
  port     = 7000
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "port" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 1

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.port.arn
  }

  condition {
    path_pattern {
      values = ["/port/*"]
    }
  }
}

resource "aws_security_group" "port" {
  name   = "late-port"
  vpc_id = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "port" {
  security_group_id            = aws_security_group.port.id
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = terraform_data.port.output
  to_port                      = terraform_data.port.output
}

resource "aws_instance" "port" {
  ami                    = "ami-00112233445566778"
  instance_type          = "t3.micro"
  subnet_id              = var.subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.port.id]
}

resource "aws_lb_target_group_attachment" "port" {
  target_group_arn = aws_lb_target_group.port.arn
  target_id        = aws_instance.port.id
}

# ---- the source address range of the only security group rule is unknown

resource "aws_lb_target_group" "cidr" {
  name     = "late-cidr"
  port     = 7100
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "cidr" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 2

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.cidr.arn
  }

  condition {
    path_pattern {
      values = ["/cidr/*"]
    }
  }
}

resource "aws_security_group" "cidr" {
  name   = "late-cidr"
  vpc_id = var.vpc_id

  ingress {
    protocol    = "tcp"
    from_port   = 7100
    to_port     = 7100
    cidr_blocks = [terraform_data.cidr.output]
  }
}

resource "aws_instance" "cidr" {
  ami                    = "ami-00112233445566778"
  instance_type          = "t3.micro"
  subnet_id              = var.subnet_ids[1]
  vpc_security_group_ids = [aws_security_group.cidr.id]
}

resource "aws_lb_target_group_attachment" "cidr" {
  target_group_arn = aws_lb_target_group.cidr.arn
  target_id        = aws_instance.cidr.id
}
