//! Cells of a grid merged into rectangles, so that thousands of them are little text.

/// A rectangle of cells of one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) level: usize,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Rows of levels, merged to the right and then downwards where a run stands exactly below another.
pub(crate) fn merged(rows: impl Iterator<Item = Vec<usize>>) -> Vec<Run> {
    let mut done = Vec::new();
    let mut above: Vec<Run> = Vec::new();
    for (y, row) in rows.enumerate() {
        let mut runs: Vec<Run> = Vec::new();
        for (x, level) in row.into_iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.level == level => run.width += 1,
                _ => runs.push(Run { level, x, y, width: 1, height: 1 }),
            }
        }
        for old in above {
            // Both are sorted by x.
            let below =
                runs.binary_search_by_key(&old.x, |run| run.x).ok().and_then(|index| runs.get_mut(index));
            match below {
                Some(run) if run.level == old.level && run.width == old.width => {
                    *run = Run { height: old.height + 1, ..old };
                }
                _ => done.push(old),
            }
        }
        above = runs;
    }
    done.extend(above);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_merge_to_the_right_and_downwards() {
        let run = |level, x, y, width, height| Run { level, x, y, width, height };
        let rows = [vec![1, 1, 2], vec![1, 1, 2], vec![1, 3, 3]];
        let mut runs = merged(rows.into_iter());
        runs.sort_by_key(|run| (run.y, run.x));
        assert_eq!(runs, [run(1, 0, 0, 2, 2), run(2, 2, 0, 1, 2), run(1, 0, 2, 1, 1), run(3, 1, 2, 2, 1)]);
    }

    #[test]
    fn merged_runs_cover_every_cell_once() {
        let row = |y: usize| (0..37).map(|x| (x * x + 3 * y * x + y) / 9 % 5).collect::<Vec<_>>();
        let mut seen = vec![vec![None; 37]; 23];
        for run in merged((0..23).map(row)) {
            for cells in &mut seen[run.y..run.y + run.height] {
                for cell in &mut cells[run.x..run.x + run.width] {
                    assert_eq!(cell.replace(run.level), None);
                }
            }
        }
        for (y, cells) in seen.into_iter().enumerate() {
            assert_eq!(cells.into_iter().flatten().collect::<Vec<_>>(), row(y));
        }
    }
}
