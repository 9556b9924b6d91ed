import { date, optional, required, rowCheck, text } from '../columns.js'
import type { Entity } from '../types.js'

export const customers: Entity = {
  name: 'customers',
  description: 'Who buys: one row per customer, with the attributes of the newest delivery.',
  key: ['customer_id'],
  columns: [
    required('customer_id', text, 'Key of the customer.'),
    required('customer_name', text, 'Name of the customer.'),
    optional('email', text, 'E-mail address.'),
    optional('phone', text, 'Telephone number.'),
    optional('gender', text, 'Gender, as the source writes it.'),
    optional('birth_date', date, 'Date of birth.'),
    optional('city', text, 'City of residence.'),
    optional('state', text, 'State or province of residence.'),
    optional('country', text, 'Country of residence.'),
    optional('continent', text, 'Continent of residence.'),
    optional('signup_date', date, 'Day the customer signed up, in the source’s time zone.'),
    optional('loyalty_tier', text, 'Tier in the loyalty programme.'),
    optional('segment', text, 'Customer segment, as the source assigns it.'),
  ],
  rowChecks: [
    rowCheck('born_before_signup', 'birth_date <= signup_date', 'Nobody signs up before being born.', 'warn'),
  ],
}
