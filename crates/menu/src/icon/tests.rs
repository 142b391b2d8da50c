use super::*;

/// The icon as a person without colours sees it on a small panel: one bit a pixel.
fn silhouette(state: IconState) -> Vec<bool> {
    draw(state, Ink::Template, 16).rgba.chunks_exact(4).map(|pixel| pixel[3] > 127).collect()
}

#[test]
fn the_seven_shapes_differ_pairwise_at_16_pixels_in_one_colour() {
    for (at, left) in IconState::ALL.iter().enumerate() {
        for right in &IconState::ALL[at + 1..] {
            let differing =
                silhouette(*left).iter().zip(silhouette(*right)).filter(|(a, b)| **a != *b).count();
            assert!(differing >= 9, "{left:?} and {right:?} differ in {differing} pixels only");
        }
    }
}

#[test]
fn every_shape_fills_enough_of_the_square_to_be_seen() {
    for state in IconState::ALL {
        let set = silhouette(state).iter().filter(|set| **set).count();
        assert!((40..=190).contains(&set), "{state:?}: {set} of 256 pixels");
    }
}

#[test]
fn a_template_is_black_and_transparent_only() {
    for size in [18, 36, 54] {
        let pixels = draw(IconState::NeedsYou, Ink::Template, size);
        assert_eq!(pixels.rgba.len(), 4 * (size as usize).pow(2));
        assert!(pixels.rgba.chunks_exact(4).all(|pixel| pixel[..3] == [0, 0, 0]));
    }
}

#[test]
fn edges_are_smooth() {
    let pixels = draw(IconState::Healthy, Ink::Dark, 32);
    let between = pixels.rgba.chunks_exact(4).filter(|pixel| (10..245).contains(&pixel[3])).count();
    assert!(between > 20, "{between}");
}

#[test]
fn the_coloured_icon_has_a_light_edge_that_shows_on_dark_panels() {
    let pixels = draw(IconState::Healthy, Ink::Coloured, 48);
    let light =
        pixels.rgba.chunks_exact(4).filter(|pixel| pixel[3] > 200 && pixel[..3].iter().all(|c| *c > 240));
    assert!(light.count() > 60);
}

#[test]
fn a_picture_of_no_size_is_empty() {
    assert_eq!(draw(IconState::Busy, Ink::Light, 0).rgba, Vec::<u8>::new());
}
