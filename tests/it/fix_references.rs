//! Dimensions of alarms: a reference is written as the text around it writes references, and where the value is set.

use plangate::load::Inputs;

use crate::fix_texts::{after, template, terraform};

const ALARM: &[&str] = &["alarm-names-its-load-balancer"];

/// A load balancer, a target group, and an alarm that says this.
fn configuration(metric: &str, rest: &str) -> String {
    format!(
        "resource \"aws_lb\" \"web\" {{\n  load_balancer_type = \"application\"\n}}\nresource \"aws_lb_target_group\" \"app\" {{\n  port = 80\n}}\nresource \"aws_cloudwatch_metric_alarm\" \"a\" {{\n  namespace   = \"AWS/ApplicationELB\"\n  metric_name = \"{metric}\"\n{rest}}}\n"
    )
}

const ERRORS: &str = "HTTPCode_ELB_5XX_Count";
const HOSTS: &str = "UnHealthyHostCount";

#[test]
fn the_attribute_of_a_reference_is_another_one() {
    let dimensions = |value: &str| format!("  dimensions  = {{ LoadBalancer = {value} }} # it\r\n");
    for (wrong, right) in [
        ("aws_lb.web.arn", "aws_lb.web.arn_suffix"),
        ("\"${aws_lb.web.id}\"", "\"${aws_lb.web.arn_suffix}\""),
        ("(aws_lb.web.name)", "(aws_lb.web.arn_suffix)"),
        ("\"web\"", "aws_lb.web.arn_suffix"),
        ("\"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/50dc\"", "\"app/web/50dc\""),
    ] {
        let text = configuration(ERRORS, &dimensions(wrong));
        assert_eq!(terraform(&text, ALARM), configuration(ERRORS, &dimensions(right)), "{wrong}");
    }
}

#[test]
fn it_is_changed_where_it_is_set() {
    let local =
        configuration(ERRORS, "  dimensions = { LoadBalancer = local.lb }\n") + "locals { lb = aws_lb.web.arn }\n";
    assert_eq!(terraform(&local, ALARM), local.replacen("web.arn", "web.arn_suffix", 1));
    let each =
        configuration(ERRORS, "  for_each = { a = aws_lb.web.arn }\n  dimensions = { LoadBalancer = each.value }\n");
    assert_eq!(terraform(&each, ALARM), each.replacen("web.arn", "web.arn_suffix", 1));
    let module = "variable \"lb\" {}\nresource \"aws_cloudwatch_metric_alarm\" \"a\" {\n  namespace = \"AWS/ApplicationELB\"\n  metric_name = \"RequestCount\"\n  dimensions = { LoadBalancer = var.lb }\n}\n";
    let main =
        "resource \"aws_lb\" \"web\" {}\nmodule \"alarms\" {\n  source = \"./alarms\"\n  lb     = aws_lb.web.arn\n}\n";
    let (texts, left) = after(&[("main.tf", main), ("alarms/main.tf", module)], ".", &Inputs::default(), ALARM);
    assert_eq!((texts.len(), left.len()), (1, 0), "{left:?}");
    assert_eq!(texts["main.tf"], main.replacen("web.arn", "web.arn_suffix", 1));
    // The value of a variable is no place for a reference.
    let given =
        "variable \"lb\" {}\n".to_owned() + &configuration(ERRORS, "  dimensions = { LoadBalancer = var.lb }\n");
    let files = [("main.tf", given.as_str()), ("terraform.tfvars", "lb = \"web\"\n")];
    let (texts, left) = after(&files, ".", &Inputs::default(), ALARM);
    assert!(texts.is_empty(), "{texts:?}");
    assert_eq!(left, ["it is set through var.lb, where no resource can be referred to"]);
}

#[test]
fn the_output_of_a_module_is_another_one_when_there_is_one() {
    let module = "resource \"aws_lb\" \"this\" {}\noutput \"lb_arn\" { value = aws_lb.this.arn }\n";
    let both = format!("{module}output \"lb_arn_suffix\" {{ value = aws_lb.this.arn_suffix }}\n");
    let main = "module \"lb\" {\n  source = \"./lb\"\n}\nresource \"aws_cloudwatch_metric_alarm\" \"a\" {\n  namespace = \"AWS/ApplicationELB\"\n  metric_name = \"RequestCount\"\n  dimensions = { LoadBalancer = module.lb.lb_arn }\n}\n";
    let (texts, left) = after(&[("main.tf", main), ("lb/main.tf", &both)], ".", &Inputs::default(), ALARM);
    assert_eq!(left.len(), 0, "{left:?}");
    assert_eq!(texts["main.tf"], main.replacen("lb_arn", "lb_arn_suffix", 1));
    let (texts, left) = after(&[("main.tf", main), ("lb/main.tf", module)], ".", &Inputs::default(), ALARM);
    assert!(texts.is_empty(), "{texts:?}");
    assert_eq!(left.len(), 1);
}

#[test]
fn dimensions_that_are_missing_are_put_in_where_only_one_resource_can_be_meant() {
    let text = configuration(HOSTS, "");
    let wanted = configuration(
        HOSTS,
        "\n  dimensions = {\n    LoadBalancer = aws_lb.web.arn_suffix\n    TargetGroup  = aws_lb_target_group.app.arn_suffix\n  }\n",
    );
    assert_eq!(terraform(&text, ALARM), wanted);
    let flow = configuration(HOSTS, "  dimensions  = { TargetGroup = aws_lb_target_group.app.arn_suffix }\n");
    let wanted = flow.replacen(" }\n", ", LoadBalancer = aws_lb.web.arn_suffix }\n", 1);
    assert_eq!(terraform(&flow, ALARM), wanted);
    let lines =
        configuration(HOSTS, "  dimensions = {\n    LoadBalancer = aws_lb.web.arn_suffix, # it\n    # more\n  }\n");
    let wanted = lines.replacen("# it\n", "# it\n    TargetGroup  = aws_lb_target_group.app.arn_suffix,\n", 1);
    assert_eq!(terraform(&lines, ALARM), wanted);
    let two = configuration(HOSTS, "") + "resource \"aws_lb\" \"other\" {}\n";
    let (texts, left) = after(&[("main.tf", &two)], ".", &Inputs::default(), ALARM);
    assert!(texts.is_empty());
    assert_eq!(left, ["what is right here is for you to say"]);
}

#[test]
fn a_template_keeps_its_form_of_references() {
    let alarm = |value: &str| {
        format!(
            "Resources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties: {{Type: application}}\n  A:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: AWS/ApplicationELB\n      MetricName: RequestCount\n      Dimensions:\n      - Name: LoadBalancer\n        Value:{value}\n"
        )
    };
    for (wrong, right) in [
        (" !Ref Web # it", " !GetAtt Web.LoadBalancerFullName # it"),
        (" !GetAtt Web.LoadBalancerArn", " !GetAtt Web.LoadBalancerFullName"),
        (" !GetAtt 'Web.LoadBalancerArn'", " !GetAtt 'Web.LoadBalancerFullName'"),
        (" {Ref: Web}", " {Fn::GetAtt: [Web, LoadBalancerFullName]}"),
        ("\n          Ref: Web", "\n          Fn::GetAtt: [Web, LoadBalancerFullName]"),
        (
            "\n          Fn::GetAtt: [Web, \"LoadBalancerArn\"]",
            "\n          Fn::GetAtt: [Web, \"LoadBalancerFullName\"]",
        ),
        (
            "\n          Fn::GetAtt:\n          - Web\n          - LoadBalancerName",
            "\n          Fn::GetAtt:\n          - Web\n          - LoadBalancerFullName",
        ),
        (" !Sub ${Web}", " !Sub ${Web.LoadBalancerFullName}"),
        (" {\"Fn::Sub\": \"${Web.LoadBalancerArn}\"}", " {\"Fn::Sub\": \"${Web.LoadBalancerFullName}\"}"),
    ] {
        assert_eq!(template(&alarm(wrong), ALARM), alarm(right), "{wrong}");
        let windows = |text: &str| alarm(text).replace('\n', "\r\n");
        assert_eq!(template(&windows(wrong), ALARM), windows(right), "{wrong}");
    }
    let none = "Resources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n  A:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: AWS/ApplicationELB\n      MetricName: RequestCount\n";
    let wanted = format!(
        "{none}      Dimensions:\n        - Name: LoadBalancer\n          Value: !GetAtt Web.LoadBalancerFullName\n"
    );
    assert_eq!(template(none, ALARM), wanted);
}

#[test]
fn a_template_in_json_keeps_its_form_of_references() {
    let alarm = |value: &str| {
        format!(
            "{{\"Resources\":{{\"Web\":{{\"Type\":\"AWS::ElasticLoadBalancingV2::LoadBalancer\"}},\"A\":{{\"Type\":\"AWS::CloudWatch::Alarm\",\"Properties\":{{\"Namespace\":\"AWS/ApplicationELB\",\"MetricName\":\"RequestCount\"{value}}}}}}}}}\n"
        )
    };
    let one = |value: &str| alarm(&format!(",\"Dimensions\":[{{\"Name\":\"LoadBalancer\",\"Value\":{value}}}]"));
    let right = "{\"Fn::GetAtt\":[\"Web\",\"LoadBalancerFullName\"]}";
    for wrong in ["{\"Ref\":\"Web\"}", "{\"Fn::GetAtt\":[\"Web\",\"LoadBalancerArn\"]}"] {
        assert_eq!(template(&one(wrong), ALARM), one(right));
    }
    assert_eq!(template(&alarm(""), ALARM), one(right));
}
