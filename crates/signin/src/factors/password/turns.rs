//! The threads that hash: as many as there are cores, each with memory of its own
//! that it uses again. A job that ends hands its core to the next one at once, and a
//! storm of sign-ins takes neither all memory nor the threads of others.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::sync::oneshot;
use zeroize::Zeroize as _;

use crate::error::{Result, SignInError};

/// How many may wait for their turn.
const QUEUE: usize = 1_000;
/// A thread that had nothing to do for so long gives its memory back.
const IDLE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// What Argon2 works in. What a hash leaves in it is overwritten by the next one, or
/// when it is given back.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// So many blocks, whatever stands in them.
    pub fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        if self.0.len() < count {
            self.clear();
            self.0.resize(count, Block::new());
        }
        self.0.get_mut(..count)
    }

    fn clear(&mut self) {
        self.0.zeroize();
        self.0 = Vec::new();
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.clear();
    }
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    over: bool,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; none when there will be no more.
    fn next(&self, memory: &mut Memory) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if let Some(job) = waiting.jobs.pop_front() {
                return Some(job);
            }
            if waiting.over {
                return None;
            }
            let woken = self.news.wait_timeout(waiting, IDLE);
            let (again, timeout) = woken.unwrap_or_else(PoisonError::into_inner);
            waiting = again;
            if timeout.timed_out() && waiting.jobs.is_empty() {
                // Zeroing takes a while, and nobody is to wait for it.
                drop(waiting);
                memory.clear();
                waiting = self.lock();
            }
        }
    }
}

/// The threads; they end with the last handle.
pub(super) struct Turns(Arc<Queue>);

impl Turns {
    pub fn new(threads: usize) -> Result<Self> {
        let turns = Self(Arc::default());
        for _ in 0..threads {
            let queue = turns.0.clone();
            std::thread::Builder::new()
                .name("doorward-hash".to_owned())
                .spawn(move || {
                    let mut memory = Memory::default();
                    while let Some(job) = queue.next(&mut memory) {
                        // Whoever waits for a job that panics is told that it is gone.
                        let run = std::panic::AssertUnwindSafe(|| job(&mut memory));
                        let _ = std::panic::catch_unwind(run);
                    }
                })
                .map_err(|e| SignInError::Internal(format!("cannot start a thread: {e}")))?;
        }
        Ok(turns)
    }

    /// Runs the work when its turn comes. A storm is told to come back, rather than
    /// kept waiting past its patience; whoever went away in the queue is passed over.
    pub async fn take<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (done, wait) = oneshot::channel();
        let job = Box::new(move |memory: &mut Memory| {
            if !done.is_closed() {
                let _ = done.send(work(memory));
            }
        });
        {
            let mut waiting = self.0.lock();
            if waiting.jobs.len() >= QUEUE {
                return Err(SignInError::TooMany(Duration::from_secs(2)));
            }
            waiting.jobs.push_back(job);
        }
        self.0.news.notify_one();
        wait.await.map_err(|_| SignInError::Internal("hashing a password failed".to_owned()))
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.0.lock().over = true;
        self.0.news.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn no_more_run_at_once_than_there_are_threads() {
        let turns = Arc::new(Turns::new(2).unwrap());
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (turns, running, most) = (turns.clone(), running.clone(), most.clone());
            tasks.spawn(async move {
                let work = move |_: &mut Memory| {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                turns.take(work).await.unwrap();
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn a_storm_is_told_to_come_back_and_whoever_left_is_passed_over() {
        let turns = Arc::new(Turns::new(1).unwrap());
        let (go, gate) = mpsc::channel::<()>();
        let (started, begun) = oneshot::channel();
        let first = {
            let turns = turns.clone();
            tokio::spawn(async move {
                turns.take(move |_| (started.send(()).is_ok(), gate.recv().is_ok())).await
            })
        };
        begun.await.unwrap();
        let worked = Arc::new(AtomicUsize::new(0));
        let mut waiting: Vec<_> = (0..QUEUE)
            .map(|_| {
                let worked = worked.clone();
                Box::pin(turns.take(move |_| worked.fetch_add(1, Ordering::SeqCst)))
            })
            .collect();
        let mut context = Context::from_waker(Waker::noop());
        for wait in &mut waiting {
            assert!(wait.as_mut().poll(&mut context).is_pending());
        }
        assert!(matches!(turns.take(|_| ()).await, Err(SignInError::TooMany(_))));
        // All but one go away while they wait.
        let last = waiting.pop().unwrap();
        drop(waiting);
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap().unwrap(), (true, true));
        last.await.unwrap();
        assert_eq!(worked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_job_that_panics_takes_no_thread_with_it() {
        let turns = Turns::new(1).unwrap();
        let broken: Result<()> = turns.take(|_| panic!("as a job may")).await;
        assert!(matches!(broken, Err(SignInError::Internal(_))));
        assert_eq!(turns.take(|_| 7).await.unwrap(), 7);
    }

    #[test]
    fn memory_grows_and_leaves_nothing_behind() {
        let mut memory = Memory::default();
        memory.blocks(8).unwrap().fill({
            let mut block = Block::new();
            block.as_mut().fill(7);
            block
        });
        assert_eq!(memory.blocks(4).unwrap().len(), 4);
        let grown = memory.blocks(16).unwrap();
        assert!(grown.iter().all(|b| b.as_ref().iter().all(|word| *word == 0)));
    }
}
