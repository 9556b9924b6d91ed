/** The words of the demo retailer. Order and spelling are part of "same seed, same bytes". */

export interface Place {
  readonly city: string
  readonly state: string
  readonly country: string
  readonly continent: string
  readonly region: string
}

const place = (city: string, state: string, country: string, region: string, continent = 'Europe'): Place => ({
  city,
  state,
  country,
  continent,
  region,
})

export const places: readonly Place[] = [
  place('Berlin', 'Berlin', 'Germany', 'DACH'),
  place('Hamburg', 'Hamburg', 'Germany', 'DACH'),
  place('München', 'Bayern', 'Germany', 'DACH'),
  place('Köln', 'Nordrhein-Westfalen', 'Germany', 'DACH'),
  place('Leipzig', 'Sachsen', 'Germany', 'DACH'),
  place('Wien', 'Wien', 'Austria', 'DACH'),
  place('Graz', 'Steiermark', 'Austria', 'DACH'),
  place('Zürich', 'Zürich', 'Switzerland', 'DACH'),
  place('Genève', 'Genève', 'Switzerland', 'DACH'),
  place('Paris', 'Île-de-France', 'France', 'West'),
  place('Lyon', 'Auvergne-Rhône-Alpes', 'France', 'West'),
  place('Bruxelles', 'Bruxelles-Capitale', 'Belgium', 'West'),
  place('Amsterdam', 'Noord-Holland', 'Netherlands', 'West'),
  place("'s-Hertogenbosch", 'Noord-Brabant', 'Netherlands', 'West'),
  place('London', 'England', 'United Kingdom', 'West'),
  place('Dublin', 'Leinster', 'Ireland', 'West'),
  place('København', 'Hovedstaden', 'Denmark', 'North'),
  place('Malmö', 'Skåne', 'Sweden', 'North'),
  place('Oslo', 'Oslo', 'Norway', 'North'),
  place('Warszawa', 'Mazowieckie', 'Poland', 'East'),
  place('Łódź', 'Łódzkie', 'Poland', 'East'),
  place('Praha', 'Praha', 'Czechia', 'East'),
  place('Milano', 'Lombardia', 'Italy', 'South'),
  place('Napoli', 'NA', 'Italy', 'South'),
  place('Madrid', 'Madrid', 'Spain', 'South'),
  place('Αθήνα', 'Attica', 'Greece', 'South'),
  place('New York', 'NY', 'United States', 'Overseas', 'North America'),
  place('東京', 'Tokyo', 'Japan', 'Overseas', 'Asia'),
]

/** Falling: most customers live near the first places. */
export const placeWeights: readonly number[] = places.map((_, index) => 40 / (index + 4))

export const firstNames: Readonly<Record<'female' | 'male', readonly string[]>> = {
  female: [
    'Anna',
    'Beatrix',
    'Chloé',
    'Dörte',
    'Elif',
    'Françoise',
    'Greta',
    'Hanna',
    'Inès',
    'Joanna',
    'Katarzyna',
  ].concat(['Lena', 'Marie-Luise', 'Nora', 'Olga', 'Paula', 'Renée', 'Siobhán', 'Zoë', '美咲']),
  male: [
    'Anton',
    'Björn',
    'Cem',
    'Dieter',
    'Emil',
    'Félix',
    'Georg',
    'Håkon',
    'Ivan',
    'Jürgen',
    'Karl',
    'Łukasz',
  ].concat(['Mateo', 'Niels', 'Oskar', 'Piotr', 'René', 'Søren', 'Tomáš', 'Nikos']),
}

export const lastNames: readonly string[] = ['Müller', 'Schmidt', 'Weiß', 'Fischer', 'Nowak', 'Dvořák', "O'Brien"]
  .concat(['van der Berg', 'Lefèvre', 'Rossi', 'García', 'Jensen', 'Åkesson', 'Çelik', 'Kowalski', 'Becker'])
  .concat(['Hoffmann', 'de Vries', 'Smith', 'Papadopoulos', 'Nguyễn', 'Schäfer', 'Meyer-Lindt', 'Novák', 'Larsen'])
  .concat(['Moreau', 'Bianchi', 'Öztürk', 'Walsh', 'Horváth', '田中'])

export interface Category {
  readonly name: string
  /** In cents. */
  readonly cheapest: number
  readonly dearest: number
  readonly taxPercent: number
  readonly weight: number
  readonly subcategories: readonly { readonly name: string; readonly products: readonly string[] }[]
}

export const categories: readonly Category[] = [
  {
    name: 'Electronics',
    cheapest: 1_999,
    dearest: 180_000,
    taxPercent: 19,
    weight: 20,
    subcategories: [
      { name: 'Screens', products: ['24" Monitor', '27" Monitor, curved', 'Projector'] },
      { name: 'Audio', products: ['Headphones', 'Speaker', 'Soundbar', 'Turntable'] },
      { name: 'Accessories', products: ['Keyboard', 'Mouse', 'Dock', 'Charger 65 W'] },
    ],
  },
  {
    name: 'Home & Kitchen',
    cheapest: 599,
    dearest: 45_000,
    taxPercent: 19,
    weight: 22,
    subcategories: [
      { name: 'Cooking', products: ['Kettle', 'Pan 28 cm', 'Knife set, 5 pieces', 'Crêpe maker'] },
      { name: 'Living', products: ['Lamp', 'Blanket', 'Vase "Nord"', 'Mirror'] },
    ],
  },
  {
    name: 'Clothing',
    cheapest: 999,
    dearest: 25_000,
    taxPercent: 19,
    weight: 24,
    subcategories: [
      { name: 'Women', products: ['Dress', 'Blouse', 'Jeans', 'Coat'] },
      { name: 'Men', products: ['Shirt', 'Chinos', 'Jacket', 'Pullover'] },
      { name: 'Shoes', products: ['Sneakers', 'Boots', 'Sandals'] },
    ],
  },
  {
    name: 'Sports',
    cheapest: 899,
    dearest: 90_000,
    taxPercent: 19,
    weight: 12,
    subcategories: [
      { name: 'Outdoor', products: ['Tent', 'Backpack 30 l', 'Sleeping bag'] },
      { name: 'Fitness', products: ['Dumbbells', 'Yoga mat', 'Rowing machine'] },
    ],
  },
  {
    name: 'Books',
    cheapest: 599,
    dearest: 7_900,
    taxPercent: 7,
    weight: 10,
    subcategories: [
      { name: 'Fiction', products: ['Novel', 'Short stories', 'Thriller'] },
      { name: 'Non-fiction', products: ['Cookbook', 'Atlas', 'Biography'] },
    ],
  },
  {
    name: 'Groceries',
    cheapest: 149,
    dearest: 3_900,
    taxPercent: 7,
    weight: 12,
    subcategories: [
      { name: 'Drinks', products: ['Coffee 1 kg', 'Green tea', 'Apple juice, cloudy'] },
      { name: 'Sweets', products: ['Chocolate 85 %', 'Marzipan', 'Biscuits'] },
    ],
  },
]

export const brands: readonly string[] = [
  'Nordlicht',
  'Casa Azul',
  'Brück & Söhne',
  'Fjell',
  'Maison Claire',
  'Aventa',
].concat(['Kōbō', 'Zephyr', 'Rheingold', 'Tatra', 'Oak&Iron', 'Lumen', 'Piccolo', 'Steinweg', 'Halden', 'Vela'])

export const campaignNames: readonly string[] = [
  'Spring Sale',
  'Summer Days',
  'Back to School',
  'Autumn Colours',
].concat(['Black Friday', 'Advent', 'New Year, New You', 'Members Only'])

export const campaignChannels: readonly string[] = ['email', 'social', 'search', 'display', 'affiliate', 'influencer']
export const paymentMethods: readonly string[] = ['credit_card', 'paypal', 'invoice', 'debit_card', 'bank_transfer']
export const returnReasons: readonly string[] = [
  'changed_mind',
  'wrong_size',
  'damaged',
  'defective',
  'not_as_described',
].concat(['arrived_late'])
