"""The journey of a return, one file per step. Read them in this order:

1. import_orders    a shop tells us what was sold
2. find_order       a shopper proves that an order is theirs (prove_identity: and who they are)
3. open_return      they pick items; the brand's policy answers (approve_return, reject_return: or a person does)
4. buy_label        a carrier sells us a label; store_label keeps its paper
5. track_parcel     the carrier tells us where it is, by poll_tracking or receive_webhook
6. receive_return   the warehouse opens the box
7. refund_return    the money goes back

On the way back from there: cancel_return, request_void and void_label. When something died half-way:
sweep_purchases; when only a person can know: settle_purchase, retry_label.

A step never calls the next one. It ends by recording an Event and, where a machine goes on, by posting a task.
File, function, task and test of a step share one name.
"""
