# One load balancer, and behind each of its rules one thing that is wrong, everything else there being in order.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_vpc" "this" {
  cidr_block = "10.100.0.0/16"
}

resource "aws_subnet" "public_a" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.100.0.0/24"
  availability_zone = "eu-central-1a"
}

resource "aws_subnet" "public_b" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.100.1.0/24"
  availability_zone = "eu-central-1b"
}

resource "aws_subnet" "app" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.100.10.0/24"
  availability_zone = "eu-central-1a"
}

resource "aws_security_group" "alb" {
  name   = "faulty-alb"
  vpc_id = aws_vpc.this.id

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
  name            = "faulty"
  subnets         = [aws_subnet.public_a.id, aws_subnet.public_b.id]
  security_groups = [aws_security_group.alb.id]
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-central-1:123456789012:certificate/fa017000-0000-4000-8000-000000000000"

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

# ---- the machine most target groups register

resource "aws_security_group" "app" {
  name   = "faulty-app"
  vpc_id = aws_vpc.this.id

  ingress {
    description     = "http"
    protocol        = "tcp"
    from_port       = 8080
    to_port         = 8080
    security_groups = [aws_security_group.alb.id]
  }

  ingress {
    description     = "https"
    protocol        = "tcp"
    from_port       = 8443
    to_port         = 8443
    security_groups = [aws_security_group.alb.id]
  }

  ingress {
    description     = "grpc"
    protocol        = "tcp"
    from_port       = 50051
    to_port         = 50051
    security_groups = [aws_security_group.alb.id]
  }
}

resource "aws_instance" "app" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.large"
  subnet_id              = aws_subnet.app.id
  vpc_security_group_ids = [aws_security_group.app.id]
}

# ---- timeout: the check may take as long as the time between two checks

resource "aws_lb_target_group" "timeout" {
  name     = "faulty-timeout"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 20
    timeout             = 20
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener_rule" "timeout" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.timeout.arn
  }

  condition {
    path_pattern {
      values = ["/timeout/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "timeout" {
  target_group_arn = aws_lb_target_group.timeout.arn
  target_id        = aws_instance.app.id
}

# ---- protocol: encrypted targets, asked in plain text

resource "aws_lb_target_group" "protocol" {
  name     = "faulty-protocol"
  port     = 8443
  protocol = "HTTPS"
  vpc_id   = aws_vpc.this.id

  health_check {
    protocol            = "HTTP"
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "protocol" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 20

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.protocol.arn
  }

  condition {
    path_pattern {
      values = ["/protocol/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "protocol" {
  target_group_arn = aws_lb_target_group.protocol.arn
  target_id        = aws_instance.app.id
}

# ---- redirects: a redirect to the login page counts as healthy

resource "aws_lb_target_group" "redirects" {
  name     = "faulty-redirects"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200-399"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "redirects" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 30

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.redirects.arn
  }

  condition {
    path_pattern {
      values = ["/redirects/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "redirects" {
  target_group_arn = aws_lb_target_group.redirects.arn
  target_id        = aws_instance.app.id
}

# ---- broad: nearly every answer counts as healthy

resource "aws_lb_target_group" "broad" {
  name     = "faulty-broad"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200-499"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "broad" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 40

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.broad.arn
  }

  condition {
    path_pattern {
      values = ["/broad/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "broad" {
  target_group_arn = aws_lb_target_group.broad.arn
  target_id        = aws_instance.app.id
}

# ---- spaces: not a list the API accepts

resource "aws_lb_target_group" "spaces" {
  name     = "faulty-spaces"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200, 202"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "spaces" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 50

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.spaces.arn
  }

  condition {
    path_pattern {
      values = ["/spaces/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "spaces" {
  target_group_arn = aws_lb_target_group.spaces.arn
  target_id        = aws_instance.app.id
}

# ---- health_port: checked on a port that is neither the traffic port nor open

resource "aws_lb_target_group" "health_port" {
  name     = "faulty-health-port"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    port                = "9000"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "health_port" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 60

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.health_port.arn
  }

  condition {
    path_pattern {
      values = ["/health-port/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "health_port" {
  target_group_arn = aws_lb_target_group.health_port.arn
  target_id        = aws_instance.app.id
}

# ---- grpc_own_path: a method that works answers 0, the default matcher wants 12

resource "aws_lb_target_group" "grpc_own_path" {
  name             = "faulty-grpc-own-path"
  port             = 50051
  protocol         = "HTTP"
  protocol_version = "GRPC"
  vpc_id           = aws_vpc.this.id

  health_check {
    path                = "/shop.Catalog/Ping"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "grpc_own_path" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 70

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.grpc_own_path.arn
  }

  condition {
    path_pattern {
      values = ["/grpc-own-path/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "grpc_own_path" {
  target_group_arn = aws_lb_target_group.grpc_own_path.arn
  target_id        = aws_instance.app.id
}

# ---- grpc_default: "unimplemented" on a method nobody has counts as healthy

resource "aws_lb_target_group" "grpc_default" {
  name             = "faulty-grpc-default"
  port             = 50051
  protocol         = "HTTP"
  protocol_version = "GRPC"
  vpc_id           = aws_vpc.this.id

  health_check {
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "grpc_default" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 80

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.grpc_default.arn
  }

  condition {
    path_pattern {
      values = ["/grpc-default/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "grpc_default" {
  target_group_arn = aws_lb_target_group.grpc_default.arn
  target_id        = aws_instance.app.id
}

# ---- grpc_http_codes: an HTTP code where gRPC codes end at 99

resource "aws_lb_target_group" "grpc_http_codes" {
  name             = "faulty-grpc-http-codes"
  port             = 50051
  protocol         = "HTTP"
  protocol_version = "GRPC"
  vpc_id           = aws_vpc.this.id

  health_check {
    path                = "/grpc.health.v1.Health/Check"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "grpc_http_codes" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 90

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.grpc_http_codes.arn
  }

  condition {
    path_pattern {
      values = ["/grpc-http-codes/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "grpc_http_codes" {
  target_group_arn = aws_lb_target_group.grpc_http_codes.arn
  target_id        = aws_instance.app.id
}

# ---- empty: nobody registers here

resource "aws_lb_target_group" "empty" {
  name     = "faulty-empty"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "empty" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 100

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.empty.arn
  }

  condition {
    path_pattern {
      values = ["/empty/*"]
    }
  }
}

# ---- slow: five minutes until a dead target is noticed

resource "aws_lb_target_group" "slow" {
  name     = "faulty-slow"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 60
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 5
  }
}

resource "aws_lb_listener_rule" "slow" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 110

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.slow.arn
  }

  condition {
    path_pattern {
      values = ["/slow/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "slow" {
  target_group_arn = aws_lb_target_group.slow.arn
  target_id        = aws_instance.app.id
}

# ---- closed: the security group lets only its own members in

resource "aws_lb_target_group" "closed" {
  name     = "faulty-closed"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "closed" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 120

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.closed.arn
  }

  condition {
    path_pattern {
      values = ["/closed/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "closed" {
  target_group_arn = aws_lb_target_group.closed.arn
  target_id        = aws_instance.closed.id
}

resource "aws_security_group" "closed" {
  name   = "faulty-closed"
  vpc_id = aws_vpc.this.id

  ingress {
    protocol  = "tcp"
    from_port = 8080
    to_port   = 8080
    self      = true
  }
}

resource "aws_instance" "closed" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.app.id
  vpc_security_group_ids = [aws_security_group.closed.id]
}

# ---- partly: only the load balancer nodes in subnet a get through

resource "aws_lb_target_group" "partly" {
  name     = "faulty-partly"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "partly" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 130

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.partly.arn
  }

  condition {
    path_pattern {
      values = ["/partly/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "partly" {
  target_group_arn = aws_lb_target_group.partly.arn
  target_id        = aws_instance.partly.id
}

resource "aws_security_group" "partly" {
  name   = "faulty-partly"
  vpc_id = aws_vpc.this.id

  ingress {
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = ["10.100.0.0/24"]
  }
}

resource "aws_instance" "partly" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.app.id
  vpc_security_group_ids = [aws_security_group.partly.id]
}

# ---- tie: two rules want the same place

resource "aws_lb_target_group" "tie" {
  name     = "faulty-tie"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "tie_first" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 140

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tie.arn
  }

  condition {
    path_pattern {
      values = ["/tie/first/*"]
    }
  }
}

resource "aws_lb_listener_rule" "tie_second" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 140

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tie.arn
  }

  condition {
    path_pattern {
      values = ["/tie/second/*"]
    }
  }
}

resource "aws_lb_target_group_attachment" "tie" {
  target_group_arn = aws_lb_target_group.tie.arn
  target_id        = aws_instance.app.id
}

# ---- what the two Fargate services below share

resource "aws_ecs_cluster" "this" {
  name = "faulty"
}

resource "aws_security_group" "task" {
  name   = "faulty-task"
  vpc_id = aws_vpc.this.id

  ingress {
    protocol        = "tcp"
    from_port       = 8080
    to_port         = 9090
    security_groups = [aws_security_group.alb.id]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# ---- network_mode: tasks with addresses of their own cannot be registered as instances

resource "aws_lb_target_group" "network_mode" {
  name        = "faulty-network-mode"
  port        = 8080
  protocol    = "HTTP"
  target_type = "instance"
  vpc_id      = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "network_mode" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 150

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.network_mode.arn
  }

  condition {
    path_pattern {
      values = ["/network-mode/*"]
    }
  }
}

resource "aws_ecs_task_definition" "network_mode" {
  family                   = "network-mode"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name         = "app"
    image        = "registry.example.com/network-mode:1"
    portMappings = [{ containerPort = 8080 }]
  }])
}

resource "aws_ecs_service" "network_mode" {
  name                              = "network-mode"
  cluster                           = aws_ecs_cluster.this.id
  task_definition                   = aws_ecs_task_definition.network_mode.arn
  launch_type                       = "FARGATE"
  desired_count                     = 2
  health_check_grace_period_seconds = 60

  network_configuration {
    subnets         = [aws_subnet.app.id]
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.network_mode.arn
    container_name   = "app"
    container_port   = 8080
  }

  depends_on = [aws_lb_listener_rule.network_mode]
}

# ---- container_port: the service names a port its container does not have

resource "aws_lb_target_group" "container_port" {
  name        = "faulty-container-port"
  port        = 9090
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.this.id

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "container_port" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 160

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.container_port.arn
  }

  condition {
    path_pattern {
      values = ["/container-port/*"]
    }
  }
}

resource "aws_ecs_task_definition" "container_port" {
  family                   = "container-port"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name         = "app"
    image        = "registry.example.com/container-port:1"
    portMappings = [{ containerPort = 8080 }]
  }])
}

resource "aws_ecs_service" "container_port" {
  name                              = "container-port"
  cluster                           = aws_ecs_cluster.this.id
  task_definition                   = aws_ecs_task_definition.container_port.arn
  launch_type                       = "FARGATE"
  desired_count                     = 2
  health_check_grace_period_seconds = 60

  network_configuration {
    subnets         = [aws_subnet.app.id]
    security_groups = [aws_security_group.task.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.container_port.arn
    container_name   = "app"
    container_port   = 9090
  }

  depends_on = [aws_lb_listener_rule.container_port]
}
