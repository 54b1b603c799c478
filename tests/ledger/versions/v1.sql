BEGIN TRANSACTION;
CREATE TABLE altegio_ledger (
	origin VARCHAR(255) NOT NULL, 
	application_id BIGINT NOT NULL, 
	operation VARCHAR(50) NOT NULL, 
	idempotency_key VARCHAR(255) NOT NULL, 
	payload TEXT NOT NULL, 
	salon_id BIGINT, 
	payment_id BIGINT, 
	state VARCHAR(8) NOT NULL, 
	is_shared BOOLEAN NOT NULL, 
	claim_token VARCHAR(32) NOT NULL, 
	claimed_at FLOAT NOT NULL, 
	may_leave_until FLOAT NOT NULL, 
	boot_id VARCHAR(36), 
	boot_until FLOAT, 
	PRIMARY KEY (origin, application_id, operation, idempotency_key)
);
INSERT INTO "altegio_ledger" VALUES('https://app.alteg.io',123,'notify_payment','recorded','{"currency_iso": "EUR", "payment_date": "2022-01-01 10:10:00", "payment_sum": "990.99", "period_from": "2022-01-01 10:10:00", "period_to": "2022-02-01 10:10:00", "salon_id": "123", "version": 1}',123,123,'recorded',0,'c3080b826117b74b949a8f2449568950',1.79582442986244535448e+09,1.79582802986244535444e+09,'ef6db532-1dbd-4ecc-8629-962b4311558b',17898.495399999);
INSERT INTO "altegio_ledger" VALUES('https://app.alteg.io',123,'notify_refund','123','{"payment_id": "123", "version": 1}',123,123,'recorded',0,'cfb173ca2644738c5c8016baf732a886',1.79582443001747179027e+09,1.79582803001747179035e+09,'ef6db532-1dbd-4ecc-8629-962b4311558b',17898.642238967);
INSERT INTO "altegio_ledger" VALUES('https://app.alteg.io',123,'notify_payment','to be refunded','{"currency_iso": "EUR", "payment_date": "2022-01-01 10:10:00", "payment_sum": "5", "period_from": "2022-01-01 10:10:00", "period_to": "2022-02-01 10:10:00", "salon_id": "123", "version": 1}',123,124,'recorded',0,'8f5e125aec04ec06dc0956b143824751',1.79582443012848424913e+09,1.79582803012848424913e+09,'ef6db532-1dbd-4ecc-8629-962b4311558b',17898.753252418);
INSERT INTO "altegio_ledger" VALUES('https://app.alteg.io',123,'notify_payment','pending','{"currency_iso": "EUR", "payment_date": "2022-01-05 00:00:00", "payment_sum": "990.99", "period_from": "2022-01-01 10:10:00", "period_to": "2022-03-01 00:00:00", "salon_id": "123", "version": 1}',123,NULL,'pending',0,'58675c9f11fd3845702c985081fb5384',1795824430.22099,1795828030.22099,'ef6db532-1dbd-4ecc-8629-962b4311558b',1.78988457572589977637e+04);
INSERT INTO "altegio_ledger" VALUES('https://app.alteg.io',123,'notify_refund','124','{"payment_id": "124", "version": 1}',123,124,'pending',0,'cd393b57181989711a58e7533cbd2187',1.79582443028963589671e+09,1.79582803028963589671e+09,'ef6db532-1dbd-4ecc-8629-962b4311558b',17898.914403506);
CREATE TABLE altegio_ledger_settings (
	version INTEGER NOT NULL, 
	status_delay FLOAT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "altegio_ledger_settings" VALUES(1,3600.0);
CREATE INDEX altegio_ledger_salon_id ON altegio_ledger (salon_id);
CREATE UNIQUE INDEX altegio_ledger_payment_id ON altegio_ledger (origin, application_id, operation, payment_id) WHERE state = 'recorded' AND is_shared = 0;
COMMIT;
