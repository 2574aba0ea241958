select invoice_id from {{ ref('finance', 'invoices') }}
