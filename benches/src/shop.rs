use crm_segmentation::migration::{Migration, Snapshot};
use crm_segmentation::rfm::{self, RuleSet};
use crm_segmentation::{Assignments, abc};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp, Geometric, LogNormal};

/// The customers of a shop in columns, as RFM and ABC read them.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Days since the last order.
    pub idle_days: Vec<i32>,
    /// Orders, at least one.
    pub frequency: Vec<u32>,
    /// All that was spent, in cents.
    pub monetary: Vec<i64>,
}

impl Shop {
    /// So many customers: idle for half a year on average, with 2.2 orders on average, and spend that
    /// grows with the orders and spreads widely.
    #[must_use]
    pub fn new(customers: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let days = Exp::new(1.0_f64 / 183.0).unwrap();
        let more_orders = Geometric::new(0.45).unwrap();
        let basket = LogNormal::new(8.0_f64, 1.0).unwrap();
        let mut shop = Shop {
            idle_days: Vec::with_capacity(customers),
            frequency: Vec::with_capacity(customers),
            monetary: Vec::with_capacity(customers),
        };
        for _ in 0..customers {
            let orders = 1 + more_orders.sample(&mut rng) as u32;
            shop.idle_days.push((days.sample(&mut rng) as i32).min(1_095));
            shop.frequency.push(orders);
            shop.monetary.push((f64::from(orders) * basket.sample(&mut rng)) as i64);
        }
        shop
    }

    /// The group of everybody by RFM (five scores, the usual rules), and the ABC class by spend.
    #[must_use]
    pub fn segmented(&self) -> (Assignments, Assignments) {
        let Shop { idle_days, frequency, monetary } = self;
        let fitted = rfm::RfmScheme::default().fit(idle_days, frequency, monetary).unwrap();
        let scores = fitted.score(idle_days, frequency, monetary).unwrap();
        let groups = RuleSet::usual().assign(&scores).unwrap();
        let classes = abc::AbcScheme::default().fit(monetary).unwrap().assign(monetary).unwrap();
        (groups, classes)
    }
}

/// The customers of one year: who, in which group by RFM, and all that they spent, in cents.
#[derive(Debug, Clone)]
pub struct Year {
    /// Numbers of the customers.
    pub ids: Vec<u32>,
    /// Their groups.
    pub groups: Assignments,
    /// All that was spent, in cents.
    pub monetary: Vec<i64>,
}

impl Year {
    /// Two years in turn of a shop with so many customers, a tenth of whom leave while as many come.
    #[must_use]
    pub fn two(customers: usize) -> [Self; 2] {
        let year = |seed, first: u32| {
            let shop = Shop::new(customers, seed);
            let ids = (first..first + customers as u32).collect();
            Self { ids, groups: shop.segmented().0, monetary: shop.monetary }
        };
        [year(4, 0), year(5, customers as u32 / 10)]
    }

    /// Who moved from group to group up to a later year.
    #[must_use]
    pub fn migration(&self, later: &Self) -> Migration<i128> {
        Migration::between(self.period(), later.period()).unwrap()
    }

    fn period(&self) -> Snapshot<'_, u32, i64> {
        Snapshot::new(&self.ids, &self.groups, &self.monetary).unwrap()
    }
}

/// Scores between 0 and 1, and outcomes that came true as often as the scores say.
#[must_use]
pub fn outcomes(customers: usize) -> (Vec<f64>, Vec<bool>) {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let outcome = |_| {
        let score: f64 = rng.random();
        (score, rng.random_bool(score))
    };
    (0..customers).map(outcome).unzip()
}
