variable "name" {
  type = string
}

variable "idle_timeout" {
  type = number
}

variable "services" {
  type = map(object({ port = number, health = string }))
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "create_load_balancer" {
  type    = bool
  default = true
}

resource "aws_security_group" "alb" {
  name   = "${var.name}-alb"
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

resource "aws_lb" "this" {
  count           = var.create_load_balancer ? 1 : 0
  name            = var.name
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.alb.id]
  idle_timeout    = var.idle_timeout
}

resource "aws_lb_listener" "https" {
  count             = var.create_load_balancer ? 1 : 0
  load_balancer_arn = aws_lb.this[0].arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-central-1:123456789012:certificate/99999999-8888-7777-6666-555555555555"

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_ecs_cluster" "this" {
  name = var.name
}

module "service" {
  source   = "../service"
  for_each = var.services

  name                  = "${var.name}-${each.key}"
  port                  = each.value.port
  health_path           = each.value.health
  cluster_arn           = aws_ecs_cluster.this.arn
  alb_security_group_id = aws_security_group.alb.id
  vpc_id                = var.vpc_id
  subnet_ids            = var.subnet_ids
}

output "listener_arn" {
  value = one(aws_lb_listener.https[*].arn)
}

output "target_group_arns" {
  value = { for key, service in module.service : key => service.target_group_arn }
}
