use super::*;

fn chart(x: &[f64], y: &[f64]) -> Quadrants {
    Quadrants::new(x, y, (5.0, 5.0)).expect("valid")
}

#[test]
fn a_point_on_a_cut_is_on_the_lower_side() {
    let chart = chart(&[5.0, 5.1, 5.0, 5.1], &[5.0, 5.0, 5.1, 5.1]);
    assert_eq!(chart.counts(), [[1, 1], [1, 1]]);
    assert_eq!(chart.with_counts(&[1, 2, 3, u64::MAX]).expect("valid").counts(), [[3, u64::MAX], [1, 2]]);
}

#[test]
fn the_area_of_a_dot_is_in_proportion_to_its_count() {
    let svg = chart(&[1.0, 9.0], &[1.0, 9.0]).with_counts(&[100, 25]).expect("valid").to_svg();
    let radii: Vec<&str> = svg.split(" r=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(radii, ["16", "8"]);
}

#[test]
fn names_do_not_hide_each_other() {
    // Five points in one place: the four sides are free for a name, then there is no room.
    let names = ["abcd", "cdef", "efgh", "ghij", "ijkl"];
    let svg = Quadrants::new(&[8.0; 5], &[8.0; 5], (5.0, 5.0))
        .and_then(|chart| chart.with_labels(&names))
        .and_then(|chart| chart.with_ranges((0.0, 16.0), (0.0, 16.0)))
        .expect("valid")
        .to_svg();
    let drawn = names.iter().filter(|name| svg.contains(&format!(">{name}</text>"))).count();
    assert_eq!(drawn, 4);
    assert!(names.iter().all(|name| svg.contains(&format!("<title>{name}: 8, 8</title>"))));
}

#[test]
fn many_points_are_little_text() {
    let x: Vec<f64> = (0..100_000).map(|index| f64::from(index % 997)).collect();
    let y: Vec<f64> = (0..100_000).map(|index| f64::from(index % 331)).collect();
    let svg = Quadrants::new(&x, &y, (500.0, 100.0)).expect("valid").to_svg();
    assert!(svg.len() < 400_000, "{}", svg.len());
    assert!(svg.contains("(upper right)") || svg.contains("upper right 3"), "{svg}");
}

#[test]
fn refusals_name_the_field() {
    let text = |result: Result<Quadrants, Error>| result.expect_err("refused").to_string();
    assert_eq!(text(Quadrants::new(&[], &[], (0.0, 0.0))), "x must not be empty");
    assert_eq!(text(Quadrants::new(&[1.0], &[f64::NAN], (0.0, 0.0))), "y[0] must be finite, got NaN");
    assert_eq!(
        text(Quadrants::new(&[1.0], &[1.0], (0.0, f64::INFINITY))),
        "the cut of y must be finite, got inf"
    );
    let one = || chart(&[1.0], &[1.0]);
    assert_eq!(text(one().with_labels(&["a", "b"])), "expected 1 items in labels, got 2");
    assert_eq!(text(one().with_counts(&[])), "expected 1 items in counts, got 0");
    assert_eq!(
        text(one().with_ranges((0.0, 0.0), (0.0, 9.0))),
        "range of x must be an end above 0.0, got 0.0"
    );
    assert_eq!(text(one().with_ranges((0.0, 9.0), (2.0, 9.0))), "y[0] must be between 2 and 9, got 1.0");
    assert_eq!(
        text(one().with_ranges((0.0, 4.0), (0.0, 9.0))),
        "the cut of x must be between 0 and 4, got 5.0"
    );
}
