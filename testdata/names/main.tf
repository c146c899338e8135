# Names that mean something to Mermaid, Markdown, HTML or a terminal. They are keys, so that they are part of addresses.

locals {
  names = toset([
    "end",
    "a[b]{c}(d)",
    "\"quoted\" 'single'",
    "<script>alert(1)</script>",
    "`tick` ```fence",
    "%%{init: {\"theme\":\"dark\"}}%%",
    "1. list",
    "- item",
    "style x fill:#fff;",
    "classDef a:#b;",
    "click n1 href \"javascript:alert(1)\"",
    "--> n1 | n2",
    "@admin #123 !4 GH-5",
    "$$x^2$$ fa:fa-user",
    "</details> <!-- -->",
    "中文 🙂 ﬂ°°35¶ß",
    "failover & &amp; #35;",
    "_under_ **bold** ~~gone~~",
  ])
}

resource "aws_security_group" "alb" {
  name   = "alb"
  vpc_id = "vpc-0123456789abcdef0"
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "this" {
  name            = "names"
  subnets         = ["subnet-1", "subnet-2"]
  security_groups = [aws_security_group.alb.id]
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each     = local.names
  listener_arn = aws_lb_listener.this.arn
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
  condition {
    path_pattern {
      values = ["/${each.key}"]
    }
  }
}

resource "aws_lb_target_group" "this" {
  for_each    = local.names
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "vpc-0123456789abcdef0"
  health_check {
    path     = "/${each.key}"
    interval = 5
    timeout  = 10
  }
}

resource "aws_lb_target_group_attachment" "this" {
  for_each         = local.names
  target_group_arn = aws_lb_target_group.this[each.key].arn
  target_id        = "10.0.0.10"
}
