//! Work on several threads at once that comes out as on one: in order, and with its steps counted. Knows nothing of what
//! is worked on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{count_steps, steps};

/// How many threads to work on.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    /// As many at most.
    pub most: usize,
    /// So much for each at least: less is done sooner than a thread is started.
    pub at_least: usize,
}

impl Threads {
    /// As many as there are processors.
    #[must_use]
    pub fn available(at_least: usize) -> Threads {
        Threads { most: thread::available_parallelism().map_or(1, usize::from), at_least }
    }

    /// Works on parts of a list; `work` is told where its part begins. What came of each part, in order.
    pub fn parts<T: Sync, R: Send>(self, list: &[T], work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
        let (size, work) = (self.size(list.len()), &work);
        at_once(list.chunks(size).enumerate().map(|(at, part)| move || work(at * size, part)))
    }

    /// As [`Threads::parts`], of a list that is changed.
    pub fn parts_mut<T: Send, R: Send>(self, list: &mut [T], work: impl Fn(usize, &mut [T]) -> R + Sync) -> Vec<R> {
        let (size, work) = (self.size(list.len()), &work);
        at_once(list.chunks_mut(size).enumerate().map(|(at, part)| move || work(at * size, part)))
    }

    /// Works on a list of which some takes much longer than other: on parts of `at_least`, of which each thread takes the
    /// next as soon as it is done with one. What came of each part, in order.
    pub fn next_by_next<T: Sync, R: Send>(self, list: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
        let parts: Vec<&[T]> = list.chunks(self.at_least.max(1)).collect();
        let next = AtomicUsize::new(0);
        let worker = || {
            let taken = std::iter::from_fn(|| {
                let at = next.fetch_add(1, Ordering::Relaxed);
                parts.get(at).map(|part| (at, work(part)))
            });
            taken.collect::<Vec<_>>()
        };
        let workers = self.most.max(1).min(parts.len());
        let mut done: Vec<_> = at_once((0..workers).map(|_| worker)).into_iter().flatten().collect();
        done.sort_unstable_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, came)| came).collect()
    }

    /// How much of a list makes a part, when each thread has one.
    fn size(self, number: usize) -> usize {
        number.div_ceil(self.most.max(1)).max(self.at_least).max(1)
    }
}

/// Does all tasks at the same time: the first on this thread, where memory that was given back is taken again, each other
/// one on a thread of its own. What came of each, in order.
pub fn at_once<R: Send>(tasks: impl IntoIterator<Item = impl FnOnce() -> R + Send>) -> Vec<R> {
    let mut tasks = tasks.into_iter();
    let Some(first) = tasks.next() else { return Vec::new() };
    thread::scope(|scope| {
        let running: Vec<_> = tasks.map(|task| scope.spawn(|| (task(), steps()))).collect();
        let mut done = vec![first()];
        done.extend(running.into_iter().map(ended));
        done
    })
}

/// Does two things: when it is worth a thread and there are two processors, at the same time.
pub fn both<A, B: Send>(worth: bool, one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if !worth || Threads::available(0).most < 2 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let running = scope.spawn(|| (other(), steps()));
        (one(), ended(running))
    })
}

/// What came of a task on another thread, whose steps are counted here.
fn ended<R>(thread: thread::ScopedJoinHandle<'_, (R, u64)>) -> R {
    let (came, steps) = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    count_steps(usize::try_from(steps).unwrap_or(usize::MAX));
    came
}

/// Parts of a list, put together. The first grows into the whole: beside it, the whole would hold most of it twice.
pub fn whole<T>(parts: Vec<Vec<T>>) -> Vec<T> {
    let number = parts.iter().map(Vec::len).sum::<usize>();
    let mut parts = parts.into_iter();
    let mut whole = parts.next().unwrap_or_default();
    whole.reserve_exact(number - whole.len());
    parts.for_each(|part| whole.extend(part));
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_and_counted_on_one_thread_or_two() {
        for worth in [false, true] {
            let before = steps();
            let work = |number: usize| {
                move || {
                    count_steps(number);
                    number
                }
            };
            assert_eq!(both(worth, work(3), work(4)), (3, 4));
            assert_eq!(steps() - before, 7);
        }
    }

    #[test]
    fn parts_are_whole_and_in_order_on_any_number_of_threads() {
        let list: Vec<usize> = (0..50).collect();
        for (most, at_least) in [(0, 0), (1, 1), (2, 1), (3, 7), (8, 100), (100, 1)] {
            let before = steps();
            let parts = Threads { most, at_least }.parts(&list, |from, part| {
                assert_eq!(part.first(), Some(&from));
                count_steps(part.len());
                part.to_vec()
            });
            assert!(parts.len() <= most.max(1), "{most} {at_least}: {}", parts.len());
            assert!(parts.len() == 1 || parts[0].len() >= at_least);
            assert_eq!(whole(parts), list);
            assert_eq!(steps() - before, 50, "{most} threads, {at_least} at least");
            let before = steps();
            let parts = Threads { most, at_least }.next_by_next(&list, |part| {
                count_steps(part.len());
                part.to_vec()
            });
            assert!(parts.iter().rev().skip(1).all(|part| part.len() == at_least.max(1)));
            assert_eq!(whole(parts), list);
            assert_eq!(steps() - before, 50, "{most} threads, {at_least} at least");
        }
        assert!(Threads { most: 2, at_least: 1 }.parts(&[0; 0], |_, part| part.len()).is_empty());
    }
}
