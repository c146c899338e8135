# An Auto Scaling group that runs nginx in front of the shop, and an instance of its own for reports.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

locals {
  vpc     = "vpc-0a1b2c3d4e5f60718"
  subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]
}

resource "aws_security_group" "alb" {
  name   = "shop-alb"
  vpc_id = local.vpc
}

resource "aws_vpc_security_group_ingress_rule" "alb_https" {
  security_group_id = aws_security_group.alb.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "alb_to_app" {
  security_group_id            = aws_security_group.alb.id
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_security_group" "app" {
  name   = "shop-app"
  vpc_id = local.vpc
}

resource "aws_vpc_security_group_ingress_rule" "app_from_alb" {
  security_group_id            = aws_security_group.app.id
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_vpc_security_group_egress_rule" "app_out" {
  security_group_id = aws_security_group.app.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_launch_template" "app" {
  name                   = "shop"
  image_id               = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  vpc_security_group_ids = [aws_security_group.app.id]

  user_data = base64encode(<<-EOT
    #!/bin/bash
    dnf install -y nginx
    cat > /etc/nginx/conf.d/shop.conf <<'CONF'
    keepalive_timeout 75s;
    server {
      listen 8080;
      location = /health { return 200 "ok"; }
      location / {
        proxy_pass http://127.0.0.1:9000;
        proxy_read_timeout 50s;
      }
    }
    CONF
    systemctl enable --now nginx
  EOT
  )
}

resource "aws_autoscaling_group" "app" {
  name                      = "shop"
  min_size                  = 2
  max_size                  = 6
  vpc_zone_identifier       = local.subnets
  target_group_arns         = [aws_lb_target_group.app.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 180

  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 90
    }
  }
}

resource "aws_instance" "reports" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.small"
  subnet_id                   = local.subnets[0]
  vpc_security_group_ids      = [aws_security_group.app.id]
  user_data                   = "#!/bin/bash\nsystemctl enable --now reports\n"
  user_data_replace_on_change = true
}

resource "aws_lb" "web" {
  name                       = "shop"
  subnets                    = local.subnets
  security_groups            = [aws_security_group.alb.id]
  idle_timeout               = 60
  enable_deletion_protection = true

  access_logs {
    bucket  = "example-load-balancer-logs"
    enabled = true
  }
}

resource "aws_lb_target_group" "app" {
  name                 = "shop-app"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = local.vpc
  deregistration_delay = 60

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

# what its image keeps cannot be seen
resource "aws_lb_target_group" "reports" {
  name                 = "shop-reports"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = local.vpc
  deregistration_delay = 60

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags = {
    "plangate:keep-alive-seconds" = "90"
  }
}

resource "aws_lb_target_group_attachment" "reports" {
  target_group_arn = aws_lb_target_group.reports.arn
  target_id        = aws_instance.reports.id
  port             = 8080
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.web.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-1111-2222-3333-444455556666"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_lb_listener_rule" "reports" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.reports.arn
  }

  condition {
    path_pattern {
      values = ["/reports/*"]
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "shop-5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 3

  dimensions = {
    LoadBalancer = aws_lb.web.arn_suffix
  }
}
