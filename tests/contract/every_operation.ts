// Calls every operation with the client that openapi-typescript-codegen makes from our description, and prints what
// each gets: the body of a success, or the status of what the client takes for an error, which a 301 is to it.

import axios from "axios";
import {
    AcceptedMediaType, ApiError, CallStatus, CallType, Channel, DictionariesService, MarketplaceService, OpenAPI,
    RecordedCallStatus, VoipService, WebhooksService,
} from "./client";

declare const process: { argv: string[] };

const [baseUrl, partnerToken, userToken] = process.argv.slice(2);
const accept = AcceptedMediaType.APPLICATION_VND_API_V2_JSON;
const ids = { salon_id: 123, application_id: 123 };
const call = { crm_token: "7cf262d6", phone: "+13155550175", diversion: "+13155550176" };
const payment = {
    ...ids,
    currency_iso: "EUR",
    payment_sum: 990.99,
    payment_date: "2022-01-01 10:10:00",
    period_from: "2022-01-01 10:10:00",
    period_to: "2022-02-01 10:10:00",
};
const results: Record<string, unknown> = {};

async function got(operation: string, answer: Promise<unknown>): Promise<void> {
    try {
        results[operation] = (await answer) ?? null;
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        results[operation] = error.status;
    }
}

async function main(): Promise<void> {
    axios.defaults.maxRedirects = 0; // the browser of the location's owner follows it
    OpenAPI.BASE = baseUrl;
    OpenAPI.TOKEN = partnerToken;
    const path = { accept, salonId: 123, applicationId: 123 };
    await got("completeRegistration", MarketplaceService.completeRegistration({ accept, requestBody: ids }));
    await got("activate", MarketplaceService.activate({ accept, requestBody: { ...ids, salon_id: 456 } }));
    const recorded = await MarketplaceService.notifyPayment({ accept, requestBody: payment });
    results.notifyPayment = recorded;
    await got("notifyRefund", MarketplaceService.notifyRefund({ accept, paymentId: recorded.data.id }));
    const names = { ...ids, short_names: ["Salon"] };
    await got("setSmsSenderNames", MarketplaceService.setSmsSenderNames({ accept, requestBody: names }));
    await got("getInstallation", MarketplaceService.getInstallation(path));
    await got("listLocations", MarketplaceService.listLocations({ ...path, page: 1, count: 100 }));
    await got("listTariffs", MarketplaceService.listTariffs(path));
    const discount = { salon_ids: [123, 456], application_id: 123, discount: 15.54 };
    await got("setDiscount", MarketplaceService.setDiscount({ accept, requestBody: discount }));
    await got("getPaymentLink", MarketplaceService.getPaymentLink({ ...path, discount: 15.5 }));
    const channel = { ...ids, channel_slug: Channel.SMS, is_available: true };
    await got("setChannelAvailability", MarketplaceService.setChannelAvailability({ accept, requestBody: channel }));
    await got("uninstall", MarketplaceService.uninstall({ ...path, salonId: 456 }));

    OpenAPI.BASE = `${baseUrl}/api/v1`; // the other host
    const enabled = { command: "setup", type: "enable", crm_token: call.crm_token };
    await got("sendVoipCommand", VoipService.sendVoipCommand({ accept, requestBody: enabled }));
    const history = { ...call, command: "history", type: CallType.OUTGOING, status: RecordedCallStatus.SUCCESS };
    await got("sendVoipCommand history", VoipService.sendVoipCommand({ accept, requestBody: history }));
    await got("listCountries", DictionariesService.listCountries({ accept }));
    await got("listCities", DictionariesService.listCities({ accept, countryId: 7 }));
    await got("listBusinessGroups", DictionariesService.listBusinessGroups({ accept }));

    OpenAPI.TOKEN = `${partnerToken}, User ${userToken}`;
    await got("getWebhookSettings", WebhooksService.getWebhookSettings(path));
    const settings = { urls: ["https://example.com/webhook"], active: 1, record: 1 };
    await got("updateWebhookSettings", WebhooksService.updateWebhookSettings({ ...path, requestBody: settings }));
    const calls = {
        salon_id: 123,
        date_from: "2022-01-01",
        date_to: "2122-01-01",
        types: [CallType.OUTGOING],
        statuses: [CallStatus.SUCCESS],
    };
    await got("listCalls", VoipService.listCalls({ accept, requestBody: calls }));
    console.log(JSON.stringify(results));
}

void main();
